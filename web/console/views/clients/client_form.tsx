// A new API key: its rights by clicking, its place, its sources.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Checks, Choice, Form, PlaceField, TextField, WordsField, chain, post, session, useTexts, wholeChain } from "../../kit";
import en from "./en";
import type { Secret } from "./secret";
import zh from "./zh";

// What such programs need, by docs/api/rights.md.
const PRESETS: Record<keyof typeof en.presetNames, { rights: string[]; sources: string[] }> = {
  till: { rights: ["menu:read", "orders:place", "orders:pay", "orders:cancel", "orders:change", "orders:read", "orders:refund", "orders:import"], sources: ["till:*"] },
  mini_program: { rights: ["menu:read", "orders:place", "orders:pay", "orders:cancel", "orders:read", "guests:token"], sources: ["mini_program:*"] },
  reader: { rights: ["menu:read", "orders:read", "takings:read", "forecast:read"], sources: [] },
  custom: { rights: [], sources: [] },
};

/** Rights that the person has: no other can be given. */
const ownRights = (): string[] => [...new Set((session.value?.grants ?? []).map(({ right }) => right))].sort();

export function ClientForm({ after }: { after: (client: Secret) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [name, setName] = useState("");
  const [preset, setPreset] = useState<keyof typeof PRESETS>("till");
  const [rights, setRights] = useState(PRESETS.till.rights);
  const [sources, setSources] = useState(PRESETS.till.sources);
  const [place, setPlace] = useState(wholeChain);
  const choose = (next: keyof typeof PRESETS) => {
    setPreset(next);
    setRights(PRESETS[next].rights);
    setSources(PRESETS[next].sources);
  };
  const mine = ownRights();
  const where = place.level === "chain" ? `chain:${place.scope}` : `${place.level}:${chain.value}:${place.scope}`;
  const grants = place.scope ? rights.filter((right) => mine.includes(right)).map((right) => `${right}@${where}`) : [];
  const make = async (key: string) => after(await post<Secret>("/v1/clients", { chain: chain.value, name, grants, sources }, key));
  return (
    <Form submit={t.make} onSend={make} disabled={grants.length === 0}>
      <TextField label={t.name} hint={t.nameHint} value={name} onChange={setName} required maxLength={200} />
      <Choice label={t.presets} value={preset} onChange={choose} options={Object.entries(t.presetNames).map(([value, label]) => ({ value: value as keyof typeof PRESETS, label }))} />
      <PlaceField label={t.where} levels={["chain", "region", "store"]} value={place} onChange={setPlace} />
      <Checks label={t.rights} all={Object.fromEntries(mine.map((right) => [right, right]))} chosen={rights} onChange={setRights} />
      <WordsField key={preset} label={t.sources} hint={t.sourcesHint} value={sources} onChange={setSources} />
    </Form>
  );
}
