// The choice of a store: a list, or a search where the chain has more stores than a list can hold.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { Field, SelectField } from "./form";
import { useTexts } from "./i18n";
import { usePlaces, useStoreNames } from "./store_names";

const en = { hint: "Type a part of the name, the city or the id." };
const zh = { hint: "输入门店名称、城市或编号的一部分。" } satisfies typeof en;
const MOST_FOUND = 20;

interface FieldProps {
  label: string;
  value: string;
  onChange: (store: string) => void;
  all?: string; // the word for no store in particular
  hideLabel?: boolean;
  empties?: boolean; // the field is for the next one as soon as one is chosen
}

export function StoreField(props: FieldProps): JSX.Element {
  const { value, all, empties: _, ...field } = props;
  const first = usePlaces();
  const names = useStoreNames(value ? [value] : []);
  const places = first.data?.places ?? [];
  if (first.data && first.data.stores_in_all > places.length) return <StoreSearch key={value} {...props} name={names[value] ?? value} />;
  const ids = places.map(({ store }) => store);
  const shown = value && !ids.includes(value) ? [value, ...ids] : ids;
  const none = all ?? (value ? undefined : "–"); // a list shows its first entry although nothing was chosen
  return <SelectField {...field} value={value} options={[...(none === undefined ? [] : [{ value: "", label: none }]), ...shown.map((id) => ({ value: id, label: names[id] ?? id }))]} />;
}

function StoreSearch({ label, value, onChange, all, hideLabel, empties, name }: FieldProps & { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useId();
  const [text, setText] = useState<string | null>(null);
  const wanted = text?.trim() ?? "";
  const found = usePlaces(text === null ? { limit: MOST_FOUND } : wanted ? { q: wanted, limit: MOST_FOUND } : null);
  const options = (found.data?.places ?? []).map((one) => ({ store: one.store, label: `${one.name} · ${one.store}` }));
  const type = (typed: string) => {
    const chosen = options.find((option) => option.label === typed);
    setText(chosen && empties ? "" : typed);
    if (chosen && chosen.store !== value) onChange(chosen.store);
    if (!typed && all !== undefined && value) onChange("");
  };
  const take = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !wanted || !options[0]) return;
    event.preventDefault(); // the form of a dialog is not sent yet
    onChange(options[0].store);
    if (empties) setText("");
  };
  return (
    <>
      <Field label={label} hideLabel={Boolean(hideLabel)} hint={hideLabel ? undefined : t.hint}>
        <input type="search" list={list} placeholder={all ?? t.hint} autocomplete="off" maxLength={100} value={text ?? (value ? name : "")}
          onInput={(event: { currentTarget: HTMLInputElement }) => type(event.currentTarget.value)} onBlur={() => setText(null)} onKeyDown={take} />
      </Field>
      <datalist id={list}>{options.map((option) => <option key={option.store} value={option.label} />)}</datalist>
    </>
  );
}
