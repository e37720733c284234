// How good past forecasts were: by store, by days ahead, for weeks and months; and one of them against what came.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, Empty, Field, Grid, Load, Table, chain, format, useApi, useTexts, useStorePlace, useStoreNames } from "../../kit";
import en from "./en";
import { later, type ForecastPage, type HistoryPage } from "./model";
import { Plot } from "./plot";
import zh from "./zh";

interface Accuracy {
  name: string;
  days: number;
  accuracy: number;
  coverage: number;
}

interface TotalAccuracy {
  name: string;
  days: number;
  totals: number;
  accuracy: number | null;
  bias: number | null;
  coverage: number;
}

interface AccuracyPage {
  stores: Accuracy[];
  horizons: Accuracy[];
  models: Accuracy[];
  totals: TotalAccuracy[];
}

export function AccuracyTab({ store }: { store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const accuracy = useApi<AccuracyPage>("/v1/forecasts/accuracy", { chain: chain.value }, { every: 0 });
  const names = useStoreNames(accuracy.data?.stores.map(({ name }) => name));
  return (
    <>
      <Compare store={store} />
      <Load of={accuracy} lines={8} isEmpty={({ stores }) => stores.length === 0} empty={<Card><Empty icon="forecast" title={t.noAccuracy} hint={t.noAccuracyHint} /></Card>}>
        {(page) => (
          <Grid columns={2}>
            <Card title={t.byStore} flush><Scores label={t.byStore} rows={page.stores} named={(name) => names[name] ?? name} /></Card>
            <Card title={t.byHorizon} flush><Scores label={t.byHorizon} rows={page.horizons} named={t.ahead} /></Card>
            {page.totals.length > 0 && <Card title={t.ofTotals} flush><TotalScores rows={page.totals} /></Card>}
            <Card title={t.byModel} flush><Scores label={t.byModel} rows={page.models} named={(name) => name} /></Card>
          </Grid>
        )}
      </Load>
    </>
  );
}

const share = (value: number | null): string => (value === null ? "–" : format.percent(value, { digits: 1 }));

function Scores({ label, rows, named }: { label: string; rows: Accuracy[]; named: (name: string) => string }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Table label={label} rows={rows} rowKey={({ name }) => name} columns={[
      { key: "name", head: label, cell: ({ name }) => named(name) },
      { key: "right", head: t.right, end: true, cell: ({ accuracy }) => share(accuracy) },
      { key: "held", head: t.held, end: true, cell: ({ coverage }) => share(coverage) },
      { key: "days", head: t.count, end: true, cell: ({ days }) => format.number(days) },
    ]} />
  );
}

function TotalScores({ rows }: { rows: TotalAccuracy[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Table label={t.ofTotals} rows={rows} rowKey={({ name, days }) => `${name}${days}`} columns={[
      { key: "name", head: t.ofTotals, cell: ({ name, days }) => `${name === "chain" ? t.chainName : t.storesName} · ${t.total(format.number(days))}` },
      { key: "right", head: t.right, end: true, cell: ({ accuracy }) => share(accuracy) },
      { key: "bias", head: t.bias, end: true, cell: ({ bias }) => (bias === null ? "–" : t.too(format.percent(bias, { digits: 1, sign: true }))) },
      { key: "held", head: t.held, end: true, cell: ({ coverage }) => share(coverage) },
    ]} />
  );
}

function Compare({ store }: { store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const newest = useApi<ForecastPage>(store ? "/v1/forecasts" : null, { chain: chain.value, store }, { every: 0 });
  const [chosen, setChosen] = useState("");
  const origin = chosen || (newest.data?.origin ? later(newest.data.origin, -30) : "");
  const past = useApi<ForecastPage>(origin ? "/v1/forecasts" : null, { chain: chain.value, store, origin }, { every: 0 });
  const history = useApi<HistoryPage>(origin ? "/v1/forecasts/history" : null, { chain: chain.value, store, since: later(origin || "2000-01-01", -13), to: later(origin || "2000-01-01", 30) }, { every: 0 });
  const usual = useStorePlace(store)?.currency;
  return (
    <Card title={t.compare}>
      <Field label={t.compareOn}><input type="date" value={origin} max={newest.data?.origin ?? undefined} onInput={(event: { currentTarget: HTMLInputElement }) => setChosen(event.currentTarget.value)} /></Field>
      <Load of={past} isEmpty={({ days }) => days.length === 0} empty={<Empty icon="forecast" title={t.noAccuracy} hint={t.noAccuracyHint} />}>
        {(page) => <Plot past={history.data?.days ?? []} days={page.days} currency={history.data?.days.at(-1)?.currency ?? usual ?? "USD"} />}
      </Load>
    </Card>
  );
}
