// When a store asks an outside fleet: one condition is enough, and without one only the desk asks.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CheckField, Lines, MoneyField, SelectField, TextArea, TextField, chain, useApi, useStoreCurrency, useTexts } from "../../../kit";
import { manageWholeChain, type Fleet, type FleetRule } from "../model";
import en from "./en";
import zh from "./zh";

const NEW_RULE: FleetRule = { fleet: "", phone: "", address: "", fleet_store_id: null, note: null, always: false, beyond_metres: null, hours: [], no_courier_minutes: null, most_price: null, value: 0 };

export function RuleFields({ store, rule, onChange }: { store: string; rule: FleetRule | null; onChange: (rule: FleetRule | null) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const fleets = useApi<{ fleets: Fleet[] }>(manageWholeChain() ? "/v1/delivery-fleets" : null, { chain: chain.value }, { every: 0 });
  const [first] = useState(rule);
  const ids = [...new Set([...(first ? [first.fleet] : []), ...(fleets.data?.fleets ?? []).map(({ fleet }) => fleet)])];
  const choose = (fleet: string) => onChange(fleet ? { ...(rule ?? first ?? NEW_RULE), fleet } : null);
  return (
    <fieldset class="part">
      <legend>{t.fleetRule}</legend>
      <SelectField label={t.fleet} value={rule?.fleet ?? ""} onChange={choose} options={[{ value: "", label: t.noFleet }, ...ids.map((id) => ({ value: id, label: id }))]} />
      {rule && <Conditions store={store} rule={rule} change={(part) => onChange({ ...rule, ...part })} />}
    </fieldset>
  );
}

const orNull = (text: string): number | null => (text === "" ? null : Number(text));

function Conditions({ store, rule, change }: { store: string; rule: FleetRule; change: (part: Partial<FleetRule>) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const currency = useStoreCurrency(store);
  return (
    <>
      <TextField label={t.rulePhone} type="tel" required value={rule.phone} onChange={(phone) => change({ phone })} maxLength={40} autocomplete="off" />
      <TextArea label={t.ruleAddress} rows={2} required value={rule.address} onChange={(address) => change({ address })} />
      <TextField label={t.ruleStore} value={rule.fleet_store_id ?? ""} onChange={(id) => change({ fleet_store_id: id || null })} maxLength={100} autocomplete="off" />
      <TextField label={t.ruleNote} value={rule.note ?? ""} onChange={(note) => change({ note: note || null })} maxLength={100} autocomplete="off" />
      <CheckField label={t.always} checked={rule.always} onChange={(always) => change({ always })} />
      <TextField label={t.beyond} type="number" min={0} max={200_000} value={String(rule.beyond_metres ?? "")} onChange={(text) => change({ beyond_metres: orNull(text) })} />
      <TextField label={t.without} type="number" min={0} max={240} value={String(rule.no_courier_minutes ?? "")} onChange={(text) => change({ no_courier_minutes: orNull(text) })} />
      <fieldset class="part">
        <legend>{t.hours}</legend>
        <Lines rows={rule.hours} onChange={(hours) => change({ hours })} add={t.addHours} fresh={() => ({ begin: "22:00", end: "06:00" })}>
          {(one, set) => (
            <>
              <TextField label={t.begin} type="time" required value={one.begin.slice(0, 5)} onChange={(begin) => set({ ...one, begin })} />
              <TextField label={t.end} type="time" required value={one.end.slice(0, 5)} onChange={(end) => set({ ...one, end })} />
            </>
          )}
        </Lines>
      </fieldset>
      {currency && <MoneyField label={t.mostPrice} currency={currency} value={rule.most_price} onChange={(most_price) => change({ most_price })} />}
      {currency && <MoneyField label={t.value} currency={currency} value={rule.value} onChange={(value) => change({ value: value ?? 0 })} />}
    </>
  );
}
