// Opening hours by weekday, and days on which the store is closed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Field, Form, Icon, Lines, State, may, notify, replaced, send, useTexts } from "../../kit";
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
        <div class="store-week">{t.weekdays.map((name, at) => <Weekday key={name} name={name} day={hours.week[at] ?? []} change={(day) => setDay(at, day)} />)}</div>
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

// A line a weekday: seven days fit on a phone without much scrolling.
function Weekday({ name, day, change }: { name: string; day: Hours[]; change: (day: Hours[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <fieldset class="store-day">
      <legend class="hidden">{name}</legend>
      <span class="store-day-name" aria-hidden="true">{name}</span>
      <div class="store-spans">
        {day.length === 0 && <State tone="still">{t.closedDay}</State>}
        {day.map((hours, at) => (
          <span class="store-span" key={at}>
            <Time label={t.from} value={hours.opens} onChange={(opens) => change(replaced(day, at, { ...hours, opens }))} />
            <span aria-hidden="true">–</span>
            <Time label={t.until} value={hours.closes === "24:00" ? "00:00" : hours.closes} onChange={(closes) => change(replaced(day, at, { ...hours, closes: closes === "00:00" ? "24:00" : closes }))} />
            <button type="button" class="button icon-only" aria-label={t.removeHours} title={t.removeHours} onClick={() => change(replaced(day, at, null))}><Icon name="close" size={16} /></button>
          </span>
        ))}
        <button type="button" class="button icon-only" aria-label={t.addHours} title={t.addHours} onClick={() => change([...day, { opens: "11:00", closes: "22:00" }])}><Icon name="plus" size={16} /></button>
      </div>
    </fieldset>
  );
}

function Time({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }): JSX.Element {
  return <input type="time" aria-label={label} required value={value} onInput={(event) => onChange(event.currentTarget.value)} />;
}
