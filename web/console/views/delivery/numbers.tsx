// How a store delivers: its days, its stages, and before and since a pilot began.
import type { JSX } from "preact";
import { Card, Empty, Figure, Grid, Load, Row, SelectField, Table, chain, format, place, setQuery, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface Minutes {
  p50: number;
  p90: number;
}

interface StoreNumbers {
  deliveries: number;
  delivered: number;
  on_time: number;
  failed: number;
  cancelled: number;
  declines: number;
  complaints: number;
  stars: number | null;
  stages: Record<string, Minutes | null>;
  messages: number;
  message_seconds_p50: number | null;
  message_seconds_p90: number | null;
}

interface NumbersDocument {
  days: (StoreNumbers & { day: string })[];
  all_days: StoreNumbers;
  pilot_from: string | null;
  before: StoreNumbers | null;
  since: StoreNumbers | null;
}

const DAY = 86_400_000;
const LENGTHS = ["1", "7", "28"];

/** The last days with today, and tomorrow as the end that does not count. A store east of the reader may have begun tomorrow. */
function period(days: number): { from: string; until: string } {
  const text = (at: number) => new Date(at).toISOString().slice(0, 10);
  const tomorrow = Date.now() + DAY;
  return { from: text(tomorrow - days * DAY), until: text(tomorrow + DAY) };
}

export function Numbers({ store }: { store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const wanted = place.value.query.get("days") ?? "";
  const days = LENGTHS.includes(wanted) ? wanted : "7";
  const { from, until } = period(Number(days));
  const numbers = useApi<NumbersDocument>(store ? `/v1/delivery-stores/${encodeURIComponent(store)}/numbers` : null, { chain: chain.value, from, until }, { live: { topics: ["delivery"], stores: [store] } });
  if (!store) return <Card><Empty icon="store" title={t.chooseStore} hint={t.chooseStoreHint} /></Card>;
  return (
    <>
      <Row><SelectField label={t.days} hideLabel value={days} onChange={(value) => setQuery({ days: value })} options={LENGTHS.map((length) => ({ value: length, label: t.lastDays(length) }))} /></Row>
      <Load of={numbers} isEmpty={({ all_days }) => all_days.deliveries === 0} empty={<Card><Empty icon="today" title={t.noNumbers} hint={t.noNumbersHint} /></Card>}>
        {(data) => <Shown data={data} />}
      </Load>
    </>
  );
}

const share = ({ on_time, delivered }: StoreNumbers): string => (delivered ? format.percent(on_time / delivered, { digits: 1 }) : "–");
const seconds = (value: number | null): string => (value === null ? "–" : format.duration(value));

function Shown({ data }: { data: NumbersDocument }): JSX.Element {
  const t = useTexts({ en, zh });
  const all = data.all_days;
  return (
    <>
      <Grid columns={4}>
        <Card><Figure label={t.delivered} value={format.number(all.delivered)} note={`${t.failed}: ${format.number(all.failed)}`} /></Card>
        <Card><Figure label={t.onTime} value={share(all)} /></Card>
        <Card><Figure label={t.declines} value={format.number(all.declines)} /></Card>
        <Card><Figure label={t.complaints} value={format.number(all.complaints)} note={all.stars !== null && `${t.stars}: ${format.number(all.stars, 1)}`} /></Card>
      </Grid>
      <Stages stages={all.stages} />
      <Days days={data.days} />
      {data.before && data.since && data.pilot_from && <Pilot from={data.pilot_from} before={data.before} since={data.since} />}
    </>
  );
}

function Stages({ stages }: { stages: StoreNumbers["stages"] }): JSX.Element {
  const t = useTexts({ en, zh });
  const rows = Object.keys(t.stages).filter((name) => name in stages);
  const minutes = (value: number | undefined): string => (value === undefined ? "–" : t.minutes(format.number(value, 1)));
  return (
    <Card title={t.stagesTitle} flush>
      <Table label={t.stagesTitle} rows={rows} rowKey={(name) => name} columns={[
        { key: "stage", head: t.stage, cell: (name) => t.stages[name] ?? name },
        { key: "p50", head: t.median, end: true, cell: (name) => minutes(stages[name]?.p50) },
        { key: "p90", head: t.ninety, end: true, cell: (name) => minutes(stages[name]?.p90) },
      ]} />
    </Card>
  );
}

function Days({ days }: { days: NumbersDocument["days"] }): JSX.Element {
  const t = useTexts({ en, zh });
  const today = new Date().toISOString().slice(0, 10);
  const shown = days.filter(({ day, deliveries }) => day <= today || deliveries > 0);
  return (
    <Card title={t.days} flush>
      <Table label={t.days} rows={shown.reverse()} rowKey={({ day }) => day} columns={[
        { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
        { key: "delivered", head: t.delivered, end: true, cell: ({ delivered }) => format.number(delivered) },
        { key: "on_time", head: t.onTime, end: true, cell: share },
        { key: "failed", head: t.failed, end: true, cell: ({ failed }) => format.number(failed) },
        { key: "declines", head: t.declines, end: true, cell: ({ declines }) => format.number(declines) },
        { key: "complaints", head: t.complaints, end: true, cell: ({ complaints }) => format.number(complaints) },
        { key: "messages", head: t.messageCount, end: true, cell: ({ messages }) => format.number(messages) },
        { key: "latency", head: t.messageTime, end: true, cell: ({ message_seconds_p50: half, message_seconds_p90: nine }) => `${seconds(half)} / ${seconds(nine)}` },
      ]} />
    </Card>
  );
}

function Pilot({ from, before, since }: { from: string; before: StoreNumbers; since: StoreNumbers }): JSX.Element {
  const t = useTexts({ en, zh });
  const total = ({ stages }: StoreNumbers) => (stages["total"] ? t.minutes(format.number(stages["total"].p50, 1)) : "–");
  const rows: [string, (numbers: StoreNumbers) => string][] = [
    [t.delivered, ({ delivered }) => format.number(delivered)], [t.onTime, share], [t.stages["total"] ?? "", total],
    [t.declines, ({ declines }) => format.number(declines)], [t.complaints, ({ complaints }) => format.number(complaints)],
  ];
  return (
    <Card title={t.pilot} note={t.pilotFrom(format.day(from))} flush>
      <Table label={t.pilot} rows={rows} rowKey={([name]) => name} columns={[
        { key: "name", head: t.measure, cell: ([name]) => name },
        { key: "before", head: t.before, end: true, cell: ([, value]) => value(before) },
        { key: "since", head: t.since, end: true, cell: ([, value]) => value(since) },
      ]} />
    </Card>
  );
}
