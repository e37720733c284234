// Opening hours by weekday, and days on which the store is closed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Field, Form, Lines, State, TextField, may, notify, send, useTexts } from "../../kit";
import en from "./en";
import { pathOf, type Hours, type OpeningHours, type Store } from "./model";
import zh from "./zh";

// A store without hours takes orders at all times; this is what its form begins with.
const USUAL: OpeningHours = { week: Array.from({ length: 7 }, () => [{ opens: "10:00", closes: "22:00" }]), closed_on: [] };

export function HoursForm({ store, after }: { store: Store; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [hours, setHours] = useState<OpeningHours>(store.opening_hours ?? USUAL);
  const setDay = (at: number, day: Hours[]) => setHours({ ...hours, week: hours.week.map((other, place) => (place === at ? day : other)) });
  const save = async (key: string) => {
    await send("PUT", `${pathOf(store.id)}/opening-hours`, { ...hours, closed_on: [...new Set(hours.closed_on.filter(Boolean))].sort() }, key, store.revision);
    notify(t.saved);
  };
  return (
    <Card actions={<Button small onPress={() => setHours({ ...hours, week: hours.week.map(() => hours.week[0] ?? []) })}>{t.likeMonday}</Button>} title={t.hours}>
      <Form submit={t.save} onSend={save} after={after} disabled={!may("stores:write", store.id)}>
        {!store.opening_hours && <p><State tone="wait">{t.always}</State></p>}
        {t.weekdays.map((name, at) => <Weekday key={name} name={name} day={hours.week[at] ?? []} change={(day) => setDay(at, day)} />)}
        <fieldset class="part">
          <legend>{t.holidays}</legend>
          <Lines rows={hours.closed_on} onChange={(closed_on) => setHours({ ...hours, closed_on })} fresh={() => ""} add={t.addDay}>
            {(day, change) => <Field label={t.date}><input type="date" required value={day} onInput={(event: { currentTarget: HTMLInputElement }) => change(event.currentTarget.value)} /></Field>}
          </Lines>
        </fieldset>
      </Form>
    </Card>
  );
}

function Weekday({ name, day, change }: { name: string; day: Hours[]; change: (day: Hours[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <fieldset class="part">
      <legend>{name}</legend>
      {day.length === 0 && <div><State tone="still">{t.closedDay}</State></div>}
      <Lines rows={day} onChange={change} fresh={() => ({ opens: "11:00", closes: "22:00" })} add={t.addHours}>
        {(hours, set) => (
          <>
            <TextField label={t.from} type="time" value={hours.opens} onChange={(opens) => set({ ...hours, opens })} required />
            <TextField label={t.until} type="time" value={hours.closes === "24:00" ? "00:00" : hours.closes} onChange={(closes) => set({ ...hours, closes: closes === "00:00" ? "24:00" : closes })} required />
          </>
        )}
      </Lines>
    </fieldset>
  );
}
