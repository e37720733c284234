// A courier: who signs in as it, with which vehicle, for which stores, and the shift.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { CheckField, Field, Form, Lines, SelectField, StoreField, TextField, chain, may, send, useApi, useTexts } from "../../../kit";
import type { Courier } from "../model";
import en from "./en";
import { fieldOf, momentOf } from "./moments";
import zh from "./zh";

export type CourierDraft = Pick<Courier, "id" | "name" | "phone" | "client" | "vehicle" | "capacity" | "stores" | "shift_from" | "shift_until" | "break_until">;

export const NEW_COURIER: CourierDraft = { id: "", name: "", phone: null, client: null, vehicle: "scooter", capacity: 3, stores: [], shift_from: null, shift_until: null, break_until: null };

export function CourierForm({ courier, after }: { courier: CourierDraft; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState(courier);
  const [shift, setShift] = useState({ from: fieldOf(courier.shift_from), until: fieldOf(courier.shift_until), pause: fieldOf(courier.break_until) });
  const [active, setActive] = useState(true);
  const change = (part: Partial<CourierDraft>) => setDraft({ ...draft, ...part });
  const isShift = shift.from ? Boolean(shift.until) && shift.from < shift.until : !shift.until;
  const store = (key: string) => {
    const { name, phone, client, vehicle, capacity, stores } = draft;
    const times = { shift_from: momentOf(shift.from), shift_until: momentOf(shift.until), break_until: momentOf(shift.pause) };
    return send("PUT", `/v1/couriers/${encodeURIComponent(draft.id)}`, { chain: chain.value, name, phone: phone || null, client: client || null, vehicle, capacity, stores: stores.filter(Boolean), ...times, active }, key);
  };
  return (
    <Form submit={t.save} onSend={store} after={after} disabled={!isShift || !draft.stores.some(Boolean)}>
      <TextField label={t.name} value={draft.name} onChange={(name) => change({ name })} required maxLength={100} autocomplete="off" />
      {!courier.id && <TextField label={t.id} hint={t.idHint} value={draft.id} onChange={(id) => change({ id })} required maxLength={64} pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" autocomplete="off" spellcheck={false} />}
      <TextField label={t.phone} type="tel" value={draft.phone ?? ""} onChange={(phone) => change({ phone })} maxLength={40} autocomplete="off" />
      <PersonField value={draft.client ?? ""} onChange={(client) => change({ client: client.trim() })} />
      <SelectField label={t.vehicle} value={draft.vehicle} onChange={(vehicle) => change({ vehicle })} options={Object.entries(t.vehicles).map(([value, label]) => ({ value, label }))} />
      <TextField label={t.capacity} type="number" min={1} max={50} required value={String(draft.capacity)} onChange={(capacity) => change({ capacity: Number(capacity) })} />
      <fieldset class="part">
        <legend>{t.stores}</legend>
        <Lines rows={draft.stores.length ? draft.stores : [""]} onChange={(stores) => change({ stores })} add={t.addStore} fresh={() => ""}>
          {(one, set) => <StoreField label={t.store} value={one} onChange={set} />}
        </Lines>
      </fieldset>
      <fieldset class="part">
        <legend>{t.shift}</legend>
        <TextField label={t.shiftFrom} type="datetime-local" value={shift.from} onChange={(from) => setShift({ ...shift, from })} />
        <TextField label={t.shiftUntil} type="datetime-local" value={shift.until} onChange={(until) => setShift({ ...shift, until })} error={isShift ? undefined : t.shiftOrder} />
        <TextField label={t.breakUntil} type="datetime-local" value={shift.pause} onChange={(pause) => setShift({ ...shift, pause })} />
      </fieldset>
      {courier.id && <CheckField label={t.active} hint={t.activeHint} checked={active} onChange={setActive} />}
    </Form>
  );
}

interface Person {
  id: string;
  name: string;
}

/** People of the chain are proposed to those who may read them. */
function PersonField({ value, onChange }: { value: string; onChange: (client: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useId();
  const people = useApi<{ people: Person[] }>(may("people:manage") ? "/v1/people" : null, { chain: chain.value, limit: 200 }, { every: 0 });
  return (
    <>
      <Field label={t.person} hint={t.personHint}>
        <input list={list} value={value} maxLength={64} autocomplete="off" spellcheck={false} onInput={(event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value)} />
      </Field>
      <datalist id={list}>{(people.data?.people ?? []).map(({ id, name }) => <option key={id} value={`p-${id}`} label={name} />)}</datalist>
    </>
  );
}
