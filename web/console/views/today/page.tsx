// Today: takings of the chain and of each store, beside the days before.
import type { JSX } from "preact";
import { Card, Chart, Empty, Figure, Grid, Load, Page, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface Taking {
  store: string;
  business_day: string;
  currency: string;
  orders: number;
  revenue: number;
  paid: number;
  refunded: number;
  tips: number;
}

const sum = (rows: Taking[], field: "revenue" | "paid" | "refunded", options = {}): string =>
  format.moneySum(rows.map((row) => ({ amount: row[field], currency: row.currency })), options);

export default function TodayPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const takings = useApi<{ takings: Taking[] }>("/v1/takings", { chain: chain.value }, { live: { topics: ["takings"] } });
  return (
    <Page title={t.title} of={takings}>
      <Load of={takings} isEmpty={(reply) => reply.takings.length === 0} empty={<Empty icon="orders" title={t.none} hint={t.noneHint} />}>
        {({ takings: rows }) => <Takings rows={rows} />}
      </Load>
    </Page>
  );
}

function Takings({ rows }: { rows: Taking[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const days = [...new Set(rows.map((row) => row.business_day))].sort();
  const newest = days.at(-1) ?? "";
  const today = rows.filter((row) => row.business_day === newest).sort((one, other) => other.revenue - one.revenue);
  const count = today.reduce((total, row) => total + row.orders, 0);
  return (
    <Grid columns={2}>
      <Card title={t.takings} note={format.day(newest, "long")}>
        <Figure label={t.orders(format.number(count), count === 1)} value={sum(today, "revenue")} note={t.moved(sum(today, "paid"), sum(today, "refunded"))} />
      </Card>
      <Card title={t.days}><Days rows={rows} days={days} /></Card>
      <Card title={t.byStore} flush>
        <Table label={t.byStore} rows={today} rowKey={(row) => row.store} columns={[
          { key: "store", head: t.store, cell: (row) => row.store },
          { key: "count", head: t.count, end: true, cell: (row) => format.number(row.orders) },
          { key: "revenue", head: t.revenue, end: true, cell: (row) => format.money(row.revenue, row.currency) },
        ]} />
      </Card>
    </Grid>
  );
}

function Days({ rows, days }: { rows: Taking[]; days: string[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const currency = rows[0]?.currency ?? "USD";
  const of = (day: string) => rows.filter((row) => row.business_day === day && row.currency === currency);
  const amounts = days.map((day) => of(day).reduce((total, row) => total + row.revenue, 0));
  const option = {
    xAxis: { type: "category", data: days.map((day) => format.day(day)) },
    yAxis: { type: "value", axisLabel: { formatter: (amount: number) => format.money(amount, currency, { compact: true }) } },
    tooltip: { valueFormatter: (amount: number) => format.money(amount, currency) },
    series: [{ type: "bar", data: amounts, name: t.revenue, barMaxWidth: 36, itemStyle: { borderRadius: [4, 4, 0, 0] } }],
  };
  return <Chart label={t.perDay} option={option} height={220} table={{ head: [t.day, t.revenue], rows: days.map((day, at) => [format.day(day), format.money(amounts[at] ?? 0, currency)]) }} />;
}
