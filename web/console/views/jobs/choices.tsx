// What a job acts on, chosen from what there is: items of a menu, and timers.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { Chosen, Field, SelectField, chain, useApi, usePlaces, useTexts, withOne } from "../../kit";
import { useTimerName } from "../../parts/timers";
import en from "./en";
import zh from "./zh";

interface Choosable {
  id: string;
  name: string;
}

interface MenuItem extends Choosable {
  sizes?: { id: string }[];
  options?: Choosable[];
  groups?: { options: Choosable[] }[];
}

// As the list of sold-out items has them: docs/api/stores-and-menus.md.
const ENTRY = /^[\w.-]+(\/(size|option)\/[\w.-]+)?$/;

function entriesOf({ id, name, sizes = [], options = [], groups = [] }: MenuItem): Choosable[] {
  const all = [...options, ...groups.flatMap((group) => group.options)];
  return [
    { id, name },
    ...sizes.map((size) => ({ id: `${id}/size/${size.id}`, name: `${name} ${size.id}` })),
    ...[...new Map(all.map((option) => [option.id, option])).values()].map((option) => ({ id: `${id}/option/${option.id}`, name: `${name}, ${option.name}` })),
  ];
}

/** Items, their sizes and options, from the menu of the first of the stores. An id that another store sells can be typed. */
export function ItemsField({ stores, value, onChange }: { stores: string[]; value: string[]; onChange: (items: string[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useId();
  const [text, setText] = useState("");
  const first = usePlaces().data?.places[0]?.store;
  const store = stores[0] ?? first;
  const menu = useApi<{ menu: { items: MenuItem[] } }>(store ? `/v1/stores/${encodeURIComponent(store)}/menu` : null, {}, { every: 0 });
  const entries = (menu.data?.menu.items ?? []).flatMap(entriesOf);
  const labelOf = ({ id, name }: Choosable) => `${name} · ${id}`;
  const take = (id: string) => {
    onChange(withOne(value, id));
    setText("");
  };
  const type = (typed: string) => {
    const chosen = entries.find((entry) => labelOf(entry) === typed);
    if (chosen) take(chosen.id);
    else setText(typed);
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !text.trim()) return;
    event.preventDefault(); // the form is not sent yet
    const wanted = text.trim().toLocaleLowerCase();
    const found = entries.find((entry) => entry.id === text.trim() || entry.name.toLocaleLowerCase().includes(wanted));
    if (found) take(found.id);
    else if (ENTRY.test(text.trim())) take(text.trim());
  };
  return (
    <Chosen label={t.items} none={t.noItems} value={value} nameOf={(id) => entries.find((entry) => entry.id === id)?.name ?? id} onChange={onChange}>
      <Field label={t.addItem} hint={t.itemsHint}>
        <input type="search" list={list} autocomplete="off" spellcheck={false} maxLength={200} value={text}
          onInput={(event: { currentTarget: HTMLInputElement }) => type(event.currentTarget.value)} onKeyDown={enter} />
      </Field>
      <datalist id={list}>{entries.map((entry) => <option key={entry.id} value={labelOf(entry)} />)}</datalist>
    </Chosen>
  );
}

export function TimerField({ value, onChange }: { value: string; onChange: (timer: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const nameOf = useTimerName();
  const timers = useApi<{ timers: { timer: string }[] }>("/v1/timers", { chain: chain.value }, { every: 0 });
  const keys = new Set([...(value ? [value] : []), ...(timers.data?.timers ?? []).map(({ timer }) => timer)]);
  const options = [...keys].map((timer) => ({ value: timer, label: nameOf(timer) })).sort((one, other) => one.label.localeCompare(other.label));
  return <SelectField label={t.timer} value={value} onChange={onChange} options={[...(value ? [] : [{ value: "", label: "–" }]), ...options]} />;
}
