// The parts of a set menu, each with the items among which the guest chooses.
import type { JSX } from "preact";
import { Lines, MoneyField, SelectField, TextField, useTexts } from "../../kit";
import en from "./en";
import { freshId, type ComboPart, type Menu, type ItemPart } from "./model";
import zh from "./zh";

export function ComboParts({ edited, set, currency, menu }: ItemPart & { menu: Menu }): JSX.Element {
  const t = useTexts({ en, zh });
  const parts = edited.combo?.parts ?? [];
  const items = menu.items.filter((item) => !item.combo && item.id !== edited.id);
  const change = (next: ComboPart[]) => set({ combo: next.length ? { ...edited.combo, parts: next } : null });
  const fresh = (): ComboPart => ({ id: freshId("part", parts.map(({ id }) => id)), name: "", min: 1, max: 1, choices: [{ item: items[0]?.id ?? "" }] });
  return (
    <details class="section" open={parts.length > 0}>
      <summary>{t.combo}</summary>
      <p class="soft">{t.comboHint}</p>
      <Lines rows={parts} onChange={change} fresh={fresh} add={t.addPart}>
        {(part, setPart) => (
          <fieldset class="part">
            <legend>{part.name || t.part}</legend>
            <TextField label={t.name} value={part.name} onChange={(name) => setPart({ ...part, name })} required maxLength={200} />
            <Choices part={part} setPart={setPart} items={items.map(({ id, name }) => ({ value: id, label: name }))} currency={currency} />
          </fieldset>
        )}
      </Lines>
    </details>
  );
}

type Choice = ComboPart["choices"][number];

function Choices({ part, setPart, items, currency }: { part: ComboPart; setPart: (part: ComboPart) => void; items: { value: string; label: string }[]; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Lines rows={part.choices} onChange={(choices) => setPart({ ...part, choices })} fresh={(): Choice => ({ item: items[0]?.value ?? "" })} add={t.addChoice}>
      {(choice, change) => (
        <>
          <SelectField label={t.item} value={choice.item} onChange={(item) => change({ ...choice, item, size: null })} options={items} />
          <MoneyField label={t.extra} value={choice.price ?? 0} currency={currency} onChange={(price) => change({ ...choice, price: price ?? 0 })} />
        </>
      )}
    </Lines>
  );
}
