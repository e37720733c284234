// One day of a store: orders by half-hour for the rota, items for the kitchen.
import type { JSX } from "preact";
import { Card, Chart, Empty, Grid, Load, SelectField, Table, chain, format, place, setQuery, useApi, useTexts } from "../../kit";
import en from "./en";
import type { ForecastPage } from "./model";
import zh from "./zh";

interface HalfHour {
  starts_at: string;
  orders: number;
  p10: number;
  p90: number;
}

interface ItemDay {
  item: string;
  units: number;
  p10: number;
  p90: number;
}

const MOST = 40;

export function Detail({ page, store }: { page: ForecastPage; store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const days = page.days.map(({ day }) => day);
  const day = place.value.query.get("day") ?? days[0] ?? "";
  const query = { chain: chain.value, store, day };
  const halfHours = useApi<{ half_hours: HalfHour[] }>("/v1/forecasts/half-hours", query, { every: 0 });
  const items = useApi<{ items: ItemDay[] }>("/v1/forecasts/items", query, { every: 0 });
  const none = <Empty icon="clock" title={t.noDetail} hint={t.noDetailHint} />;
  return (
    <>
      <SelectField label={t.chooseDay} value={day} onChange={(value) => setQuery({ day: value })} options={days.map((value) => ({ value, label: format.day(value, "long") }))} />
      <Grid columns={2}>
        <Card title={t.halfHours}><Load of={halfHours} isEmpty={({ half_hours }) => half_hours.length === 0} empty={none}>{({ half_hours }) => <HalfHours rows={half_hours} />}</Load></Card>
        <Card title={t.items} flush><Load of={items} isEmpty={(reply) => reply.items.length === 0} empty={none}>{(reply) => <Items rows={reply.items} />}</Load></Card>
      </Grid>
    </>
  );
}

function HalfHours({ rows }: { rows: HalfHour[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const option = {
    xAxis: { type: "category", data: rows.map(({ starts_at }) => starts_at) },
    yAxis: { type: "value" },
    tooltip: { trigger: "axis" },
    series: [{ type: "bar", name: t.orders, data: rows.map(({ orders }) => Math.round(orders * 10) / 10), barMaxWidth: 20 }],
  };
  return <Chart label={t.halfHours} option={option} height={280} table={{ head: [t.halfHour, t.orders, t.likely], rows: rows.map(({ starts_at, orders, p10, p90 }) => [starts_at, format.number(orders, 1), `${p10}–${p90}`]) }} />;
}

function Items({ rows }: { rows: ItemDay[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const most = [...rows].sort((one, other) => other.units - one.units).slice(0, MOST);
  return (
    <Table label={t.items} rows={most} rowKey={({ item }) => item} columns={[
      { key: "item", head: t.item, cell: ({ item }) => item },
      { key: "units", head: t.units, end: true, cell: ({ units }) => format.number(units, 1) },
      { key: "likely", head: t.likely, end: true, cell: ({ p10, p90 }) => `${format.number(p10)}–${format.number(p90)}` },
    ]} />
  );
}
