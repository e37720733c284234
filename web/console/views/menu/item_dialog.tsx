// One item: name, price or sizes, options, choices, parts of a set menu, texts in other languages.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Choice, Dialog, Field, Form, Lines, MoneyField, SelectField, TextArea, TextField, WordsField, useTexts } from "../../kit";
import { ComboParts } from "./combo";
import en from "./en";
import { categoriesOf, freshId, isNew, newId, withIds, withItem, withoutItem, type Item, type Option, type OptionGroup, type Editing, type ItemPart } from "./model";
import zh from "./zh";

interface Props extends Editing {
  item: Item | null; // null: a new one
  change: NonNullable<Editing["change"]>;
  close: () => void;
}

export function ItemDialog({ item, opened, menu, change, close }: Props): JSX.Element {
  const t = useTexts({ en, zh });
  const [edited, setEdited] = useState<Item>(item ?? { id: "", name: "", category: categoriesOf(menu)[0]?.[0] ?? "", price: 0 });
  const set = (fields: Partial<Item>) => setEdited({ ...edited, ...fields });
  const keep = async () => {
    const id = item?.id ?? freshId(edited.name, menu.items.map((other) => other.id));
    change(withItem(menu, withIds({ ...edited, id })));
  };
  const remove = () => {
    if (item) change(withoutItem(menu, item.id));
    close();
  };
  const parts = { edited, set, currency: opened.currency };
  return (
    <Dialog open wide title={item ? t.editItem(item.name) : t.addItem} onClose={close}>
      <Form submit={t.keep} onSend={keep} after={close} actions={item && <Button kind="quiet" onPress={remove}>{t.removeItem}</Button>}>
        <TextField label={t.name} value={edited.name} onChange={(name) => set({ name })} required maxLength={200} />
        <Category edited={edited} set={set} known={categoriesOf(menu).map(([category]) => category)} />
        <Prices {...parts} />
        <Options {...parts} />
        <Groups {...parts} />
        <ComboParts {...parts} menu={menu} />
        <OtherLanguages {...parts} />
        <Particulars {...parts} />
      </Form>
    </Dialog>
  );
}

function Category({ edited, set, known }: Pick<ItemPart, "edited" | "set"> & { known: string[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <>
      <Field label={t.category} hint={t.categoryHint}>
        <input list="menu-categories" value={edited.category} required maxLength={64} pattern="[A-Za-z0-9_\-.]+" onInput={(event: { currentTarget: HTMLInputElement }) => set({ category: event.currentTarget.value })} />
      </Field>
      <datalist id="menu-categories">{known.map((category) => <option key={category} value={category} />)}</datalist>
    </>
  );
}

function Prices({ edited, set, currency }: ItemPart): JSX.Element {
  const t = useTexts({ en, zh });
  const bySize = Boolean(edited.sizes?.length);
  const choose = (way: "one" | "sizes") =>
    way === "one" ? set({ price: edited.sizes?.[0]?.price ?? 0, sizes: [] }) : set({ price: null, sizes: [{ id: "M", price: edited.price ?? 0 }] });
  return (
    <fieldset class="part">
      <legend>{t.price}</legend>
      <Choice label={t.priced} hideLabel value={bySize ? "sizes" : "one"} onChange={choose} options={[{ value: "one", label: t.onePrice }, { value: "sizes", label: t.bySize }]} />
      {!bySize && <MoneyField label={t.price} value={edited.price ?? 0} currency={currency} onChange={(price) => set({ price: price ?? 0 })} required />}
      {bySize && (
        <Lines rows={edited.sizes ?? []} onChange={(sizes) => (sizes.length ? set({ sizes }) : choose("one"))} fresh={() => ({ id: "", price: 0 })} add={t.addSize}>
          {(size, change) => (
            <>
              <TextField label={t.size} value={size.id} onChange={(id) => change({ ...size, id })} required maxLength={64} pattern="[A-Za-z0-9_\-.]+" />
              <MoneyField label={t.price} value={size.price} currency={currency} onChange={(price) => change({ ...size, price: price ?? 0 })} required />
            </>
          )}
        </Lines>
      )}
      <SelectField label={t.soldBy} value={edited.sold_by ?? "piece"} onChange={(way) => set({ sold_by: way as "piece" | "kilogram" })}
        options={[{ value: "piece", label: t.piece }, { value: "kilogram", label: t.kilogram }]} />
    </fieldset>
  );
}

/** A new option gets its id from its name while it is typed; ids that are stored stay. */
function OptionLines({ options, onChange, currency }: { options: Option[]; onChange: (options: Option[]) => void; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const named = (option: Option, name: string, at: number): Option => {
    const taken = options.filter((_, place) => place !== at).map(({ id }) => id);
    return option.id && !isNew(option) ? { ...option, name } : { ...option, name, id: newId(name, taken) };
  };
  return (
    <Lines rows={options} onChange={onChange} fresh={() => ({ id: "", name: "", price: 0 })} add={t.addOption}>
      {(option, change, at) => (
        <>
          <TextField label={t.name} value={option.name} onChange={(name) => change(named(option, name, at))} required maxLength={200} />
          <MoneyField label={t.extra} value={option.price ?? 0} currency={currency} onChange={(price) => change({ ...option, price: price ?? 0 })} />
          <TextField label={t.atMost} type="number" min={1} max={99} value={String(option.max ?? 1)} onChange={(max) => change({ ...option, max: Number(max) || 1 })} />
        </>
      )}
    </Lines>
  );
}

function Options({ edited, set, currency }: ItemPart): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <details class="section" open={Boolean(edited.options?.length)}>
      <summary>{t.options}</summary>
      <p class="soft">{t.optionsHint}</p>
      <OptionLines options={edited.options ?? []} onChange={(options) => set({ options })} currency={currency} />
    </details>
  );
}

function Groups({ edited, set, currency }: ItemPart): JSX.Element {
  const t = useTexts({ en, zh });
  const groups = edited.groups ?? [];
  const fresh = (): OptionGroup => ({ id: freshId("choice", groups.map(({ id }) => id)), name: "", min: 1, max: 1, options: [{ id: "", name: "", price: 0 }] });
  return (
    <details class="section" open={groups.length > 0}>
      <summary>{t.groups}</summary>
      <p class="soft">{t.groupsHint}</p>
      <Lines rows={groups} onChange={(next) => set({ groups: next })} fresh={fresh} add={t.addGroup}>
        {(group, change) => (
          <fieldset class="part">
            <legend>{group.name || t.groups}</legend>
            <div class="line">
              <TextField label={t.name} value={group.name} onChange={(name) => change({ ...group, name })} required maxLength={200} />
              <TextField label={t.atLeast} type="number" min={0} max={99} value={String(group.min ?? 0)} onChange={(min) => change({ ...group, min: Number(min) || 0 })} />
              <TextField label={t.atMost} type="number" min={1} max={99} value={group.max ? String(group.max) : ""} onChange={(max) => change({ ...group, max: Number(max) || null })} />
            </div>
            <OptionLines options={group.options} onChange={(options) => change({ ...group, options })} currency={currency} />
          </fieldset>
        )}
      </Lines>
    </details>
  );
}

function OtherLanguages({ edited, set }: ItemPart): JSX.Element {
  const t = useTexts({ en, zh });
  const texts = Object.entries(edited.texts ?? {});
  return (
    <details class="section">
      <summary>{t.texts}</summary>
      <Lines rows={texts} onChange={(rows) => set({ texts: Object.fromEntries(rows) })} fresh={(): [string, { name: string; description?: string | null }] => ["", { name: "" }]} add={t.addLanguage}>
        {([tag, text], change) => (
          <>
            <TextField label={t.language} hint={t.languageHint} value={tag} onChange={(next) => change([next, text])} required pattern="[a-z]{2,3}(-[A-Za-z0-9]{2,8})*" />
            <TextField label={t.name} value={text.name} onChange={(name) => change([tag, { ...text, name }])} required maxLength={200} />
            <TextArea label={t.description} rows={2} value={text.description ?? ""} onChange={(description) => change([tag, { ...text, description: description || null }])} />
          </>
        )}
      </Lines>
    </details>
  );
}

function Particulars({ edited, set }: ItemPart): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <details class="section">
      <summary>{t.station} · {t.allergens} · {t.picture}</summary>
      <TextField label={t.station} hint={t.stationHint} value={edited.station ?? ""} onChange={(station) => set({ station: station || null })} maxLength={64} />
      <WordsField label={t.allergens} hint={t.allergensHint} value={edited.allergens ?? []} onChange={(allergens) => set({ allergens })} />
      <TextField label={t.picture} hint={t.pictureHint} type="url" value={edited.picture ?? ""} onChange={(picture) => set({ picture: picture || null })} pattern="https://.*" maxLength={500} />
      <TextField label={t.taxClass} value={edited.tax_class ?? "standard"} onChange={(tax_class) => set({ tax_class })} required maxLength={64} />
    </details>
  );
}
