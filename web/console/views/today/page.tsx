// Today: takings by hour against the forecast and the same weekday, by store; and what waits for a person.
import type { JSX } from "preact";
import { Bar, Card, Chart, Empty, Figure, Grid, Load, Page, Table, chain, format, may, useApi, useTexts } from "../../kit";
import { Alerts } from "./alerts";
import en from "./en";
import zh from "./zh";

interface Sums {
  currency: string;
  orders: number;
  revenue: number;
  compared_orders: number;
  compared_revenue: number;
  forecast: number | null;
}

interface Today {
  day: string;
  compared_day: string;
  totals: (Sums & { compared_until_now: number })[];
  hours: (Sums & { hour: number })[];
  stores: (Sums & { store: string; name: string })[];
  stores_in_all: number;
  stores_selling: number;
}

export default function TodayPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const today = useApi<Today>("/v1/console/today", { chain: chain.value }, { live: { topics: ["takings"] } });
  return (
    <Page title={t.title} of={today}>
      <Alerts />
      <Load of={today} lines={8} isEmpty={({ totals }) => totals.length === 0} empty={<Card><Empty icon="orders" title={t.none} hint={t.noneHint} /></Card>}>
        {(data) => (
          <>
            <Grid columns={3}>{data.totals.map((total) => <Total key={total.currency} total={total} today={data} />)}</Grid>
            {data.totals.map(({ currency }) => <Card key={currency} title={t.byHour}><Hours today={data} currency={currency} /></Card>)}
            <Stores today={data} />
          </>
        )}
      </Load>
    </Page>
  );
}

function Total({ total, today }: { total: Today["totals"][number]; today: Today }): JSX.Element {
  const t = useTexts({ en, zh });
  const before = total.compared_until_now;
  const share = before ? total.revenue / before - 1 : 0;
  const tone = Math.abs(share) < 0.02 ? "still" : share > 0 ? "good" : "bad";
  return (
    <Card title={t.takings} note={format.day(today.day, "long")}>
      <Figure label={t.orders(format.number(total.orders), total.orders === 1)} value={format.money(total.revenue, total.currency)}
        {...(before ? { change: { tone, text: t.against(format.percent(share, { sign: true }), format.day(today.compared_day, "weekday")) } } : {})}
        note={total.forecast === null ? undefined : t.expected(format.money(total.forecast, total.currency, { whole: true }))} />
    </Card>
  );
}

function Hours({ today, currency }: { today: Today; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const hours = today.hours.filter((hour) => hour.currency === currency);
  const before = t.compared(format.day(today.compared_day, "weekday"));
  const money = (amount: number | null) => (amount === null ? "–" : format.money(amount, currency));
  const option = {
    legend: {},
    xAxis: { type: "category", data: hours.map(({ hour }) => `${hour}:00`) },
    yAxis: { type: "value", axisLabel: { formatter: (amount: number) => format.money(amount, currency, { compact: true }) } },
    tooltip: { trigger: "axis", valueFormatter: (amount: number | null) => money(amount) },
    series: [
      { type: "bar", name: t.revenue, data: hours.map(({ revenue }) => revenue), barMaxWidth: 32, itemStyle: { borderRadius: [4, 4, 0, 0] } },
      ...(hours.some(({ forecast }) => forecast !== null) ? [{ type: "line", name: t.forecast, data: hours.map(({ forecast }) => forecast), symbol: "none", lineStyle: { type: "dashed" } }] : []),
      ...(hours.some(({ compared_revenue }) => compared_revenue) ? [{ type: "line", name: before, data: hours.map(({ compared_revenue }) => compared_revenue), symbol: "none" }] : []),
    ],
  };
  return (
    <Chart label={t.byHour} option={option} height={280} table={{
      head: [t.hour, t.revenue, t.forecast, before],
      rows: hours.map((row) => [`${row.hour}:00`, money(row.revenue), money(row.forecast), money(row.compared_revenue)]),
    }} />
  );
}

function Stores({ today }: { today: Today }): JSX.Element {
  const t = useTexts({ en, zh });
  const most = Math.max(1, ...today.stores.map(({ revenue }) => revenue));
  return (
    <Card title={t.byStore} note={t.ofAll(format.number(today.stores_selling), format.number(today.stores_in_all))} flush>
      <Table label={t.byStore} rows={today.stores} rowKey={({ store, currency }) => `${store}${currency}`}
        {...(may("orders:read") ? { to: ({ store }: Today["stores"][number]) => `/orders?store=${encodeURIComponent(store)}` } : {})} columns={[
        { key: "store", head: t.store, cell: ({ name }) => name },
        { key: "bar", head: "", narrow: "hide", cell: ({ revenue }) => <Bar share={revenue / most} /> },
        { key: "revenue", head: t.revenue, end: true, cell: ({ revenue, currency }) => format.money(revenue, currency) },
        { key: "count", head: t.count, end: true, cell: ({ orders }) => format.number(orders) },
        { key: "before", head: t.lastWeek, end: true, cell: ({ compared_revenue, currency }) => format.money(compared_revenue, currency) },
        { key: "expected", head: t.expectedShort, end: true, cell: ({ forecast, currency }) => (forecast === null ? "–" : format.money(forecast, currency, { whole: true })) },
      ]} />
    </Card>
  );
}
