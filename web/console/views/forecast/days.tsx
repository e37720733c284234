// The next 30 days of a store with their reasons, and its week and month.
import type { JSX } from "preact";
import { Card, Figure, Grid, Load, Table, chain, format, useApi, useTexts, useStorePlace } from "../../kit";
import en from "./en";
import { historyDays, later, type ForecastPage, type HistoryPage, type Run, type Total } from "./model";
import { Plot } from "./plot";
import { reasonsIn } from "./reasons";
import zh from "./zh";

const WEEKS = 8;

export function Days({ page, store }: { page: ForecastPage; store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const origin = page.days[0]?.origin ?? page.origin ?? "";
  const history = useApi<HistoryPage>("/v1/forecasts/history", { chain: chain.value, store, since: later(origin, -7 * WEEKS + 1), to: origin }, { every: 0 });
  const usual = useStorePlace(store)?.currency;
  const currency = history.data?.days.at(-1)?.currency ?? usual ?? "USD";
  return (
    <>
      <Totals store={store} currency={currency} />
      <Card title={t.chart}>
        <Load of={history}>{(past) => <Plot past={past.days} days={page.days} currency={currency} />}</Load>
        <Notes page={page} store={store} origin={origin} />
      </Card>
      <Card title={t.byDay} flush>
        <Table label={t.byDay} rows={page.days} rowKey={({ day }) => day} columns={[
          { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
          { key: "mean", head: t.expected, end: true, cell: ({ mean }) => format.money(mean, currency, { whole: true }) },
          { key: "low", head: t.low, end: true, cell: ({ p10 }) => format.money(p10, currency, { whole: true }) },
          { key: "high", head: t.high, end: true, cell: ({ p90 }) => format.money(p90, currency, { whole: true }) },
          { key: "why", head: t.because, cell: ({ reasons }) => reasonsIn(reasons) || t.usual },
        ]} />
      </Card>
    </>
  );
}

function Totals({ store, currency }: { store: string; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const totals = useApi<{ totals: Total[] }>("/v1/forecasts/totals", { chain: chain.value, store }, { every: 0 });
  const money = (amount: number) => format.money(amount, currency, { whole: true });
  return (
    <Load of={totals} lines={2} isEmpty={() => false}>
      {({ totals: rows }) => (
        <Grid columns={3}>
          {rows.filter((row) => row.store === store).map((row) => (
            <Card key={row.days}><Figure label={row.days === 7 ? t.week : t.month} value={money(row.mean)} note={t.between(money(row.p10), money(row.p90))} /></Card>
          ))}
        </Grid>
      )}
    </Load>
  );
}

function Notes({ page, store, origin }: { page: ForecastPage; store: string; origin: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const runs = useApi<{ runs: Run[] }>("/v1/forecasts/runs", { chain: chain.value }, { every: 0 });
  const run = runs.data?.runs.find((candidate) => candidate.origin === origin);
  const silent = run?.silent.find((row) => row.store === store);
  const days = historyDays(page);
  const shocks = run?.shocks ?? [];
  return (
    <ul class="forecast-notes soft">
      <li>{t.madeOn(format.day(origin, "long"))}{page.origin && page.origin !== origin && ` ${t.older(format.day(page.origin, "long"))}`}</li>
      {days > 0 && <li>{days > 366 ? t.history(format.number(days)) : t.shortHistory(format.number(days))}</li>}
      {shocks.length > 0 && <li>{t.shocks(shocks.map((day) => format.day(day)).join(", "))}</li>}
      {silent && <li>{t.silent(format.number(silent.days))}</li>}
    </ul>
  );
}
