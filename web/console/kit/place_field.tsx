// The choice of where something holds: the chain, one of its regions, or one store.
import type { JSX } from "preact";
import { SelectField } from "./form";
import { useTexts } from "./i18n";
import { chain } from "./session";
import { StoreField } from "./store_field";
import { usePlaces } from "./store_names";

const en = { chain: "The whole chain", region: (id: string) => `Region ${id}`, store: "One store", which: "Store" };
const zh = { chain: "整个连锁", region: (id: string) => `区域 ${id}`, store: "一家门店", which: "门店" } satisfies typeof en;

export type Level = "chain" | "region" | "store";

/** `scope`: the id of the chain, the region or the store; empty as long as none is chosen. */
export interface Scope {
  level: Level;
  scope: string;
}

export const wholeChain = (): Scope => ({ level: "chain", scope: chain.value });

export function PlaceField({ label, levels, value, onChange }: { label: string; levels: Level[]; value: Scope; onChange: (place: Scope) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const regions = usePlaces().data?.regions ?? [];
  const choose = (scope: string) => onChange({ level: "store", scope });
  if (levels.length === 1 && value.level === "store") return <StoreField label={label} value={value.scope} onChange={choose} />;
  const all = [
    ...(levels.includes("chain") ? [{ value: `chain:${chain.value}`, label: t.chain }] : []),
    ...(levels.includes("region") ? regions.map((id) => ({ value: `region:${id}`, label: t.region(id) })) : []),
    ...(levels.includes("store") ? [{ value: "store:", label: t.store }] : []),
  ];
  const chosen = value.level === "store" ? "store:" : `${value.level}:${value.scope}`;
  const known = all.some((option) => option.value === chosen) ? all : [{ value: chosen, label: value.scope || "–" }, ...all];
  const take = (text: string) => {
    const [level = "chain", scope = ""] = text.split(":");
    onChange({ level: level as Level, scope });
  };
  return (
    <>
      <SelectField label={label} value={chosen} onChange={take} options={known} />
      {value.level === "store" && <StoreField label={t.which} value={value.scope} onChange={choose} />}
    </>
  );
}
