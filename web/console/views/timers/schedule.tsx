// The form that changes a timer's schedule within its bounds.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Form, Row, SelectField, TextField, chain, notify, post, useTexts } from "../../kit";
import en from "./en";
import { intervalOf, secondsIn, type Timer } from "./model";
import zh from "./zh";

type Unit = "minute" | "hour" | "day";
const UNITS: Unit[] = ["minute", "hour", "day"];

interface FormProps {
  timer: Timer;
  zone: string;
  path: string;
  after: () => void;
}

export function ScheduleForm(props: FormProps): JSX.Element {
  const t = useTexts({ en, zh });
  const { timer, path, after } = props;
  return (
    <>
      {timer.bounds.times_of_day ? <DailyForm {...props} /> : <IntervalForm {...props} />}
      {timer.changed && <Row><Action kind="quiet" act={(key) => post(`${path}/schedule`, { chain: chain.value }, key)} after={after} done={t.saved}>{t.usual}</Action></Row>}
    </>
  );
}

function IntervalForm({ timer, path, after }: FormProps): JSX.Element {
  const t = useTexts({ en, zh });
  const { fastest_seconds: fastest, slowest_seconds: slowest } = timer.bounds;
  const usual = intervalOf(fastest ?? 60);
  const [count, setCount] = useState(String(timer.schedule.count ?? usual.count));
  const [unit, setUnit] = useState<Unit>(UNITS.find((name) => timer.schedule.code === `every_${name}s`) ?? usual.unit);
  const save = async (key: string) => {
    await post(`${path}/schedule`, { chain: chain.value, every: { count: Number(count), unit } }, key);
    notify(t.saved);
  };
  return (
    <Form onSend={save} submit={t.save} after={after}>
      <Row>
        <TextField label={t.every} type="number" min={1} max={1000} required value={count} onChange={setCount} hint={t.bounds(secondsIn(fastest ?? 60, t), secondsIn(slowest ?? 60, t))} />
        <SelectField label={t.unit} value={unit} onChange={(value) => setUnit(value as Unit)} options={UNITS.map((value) => ({ value, label: t.units[value] }))} />
      </Row>
    </Form>
  );
}

function DailyForm({ timer, zone, path, after }: FormProps): JSX.Element {
  const t = useTexts({ en, zh });
  const [at, setAt] = useState(timer.schedule.time ?? "03:00");
  const [place, setPlace] = useState(zone);
  const save = async (key: string) => {
    await post(`${path}/schedule`, { chain: chain.value, daily: { at, zone: place } }, key);
    notify(t.saved);
  };
  return (
    <Form onSend={save} submit={t.save} after={after}>
      <TextField label={t.at} type="time" required value={at} onChange={setAt} />
      <TextField label={t.zone} required value={place} onChange={setPlace} hint={t.zoneHint} />
    </Form>
  );
}
