// Several that were chosen, each with its button that takes it out; below them the field that adds one more.
import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button";
import { StoreField } from "./store_field";
import { useStoreNames } from "./store_names";
import { useTexts } from "./i18n";
import { useKitTexts } from "./texts";

const en = { addStore: "Add a store" };
const zh = { addStore: "添加门店" } satisfies typeof en;

export function Chosen({ label, none, value, nameOf, onChange, children }: {
  label: string;
  none: string; // what holds while nothing is chosen
  value: string[];
  nameOf: (id: string) => string;
  onChange: (value: string[]) => void;
  children: ComponentChildren;
}): JSX.Element {
  const t = useKitTexts();
  return (
    <fieldset class="chosen">
      <legend>{label}</legend>
      {value.length === 0 ? <p class="soft">{none}</p> : (
        <ul>{value.map((id) => (
          <li key={id}><span>{nameOf(id)}</span><Button small kind="quiet" icon="close" label={`${t.remove}: ${nameOf(id)}`} onPress={() => onChange(value.filter((other) => other !== id))}>{t.remove}</Button></li>
        ))}</ul>
      )}
      {children}
    </fieldset>
  );
}

/** The value with one more, which it may have already. */
export const withOne = (value: string[], id: string): string[] => (id ? [...new Set([...value, id])] : value);

/** Stores of the chain. `none`: what it means that none is chosen. */
export function StoresField({ label, none, value, onChange }: { label: string; none: string; value: string[]; onChange: (stores: string[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const names = useStoreNames(value);
  return (
    <Chosen label={label} none={none} value={value} nameOf={(id) => names[id] ?? id} onChange={onChange}>
      <StoreField label={t.addStore} value="" empties onChange={(id) => onChange(withOne(value, id))} />
    </Chosen>
  );
}
