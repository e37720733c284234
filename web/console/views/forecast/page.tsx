// The forecast of a store: the next 30 days and why, hours and items, plans and what-if, how good it was, the model.
import type { JSX } from "preact";
import { Card, Empty, Load, Page, SelectField, type StoreNames, Tabs, chain, place, setQuery, useApi, useTab, useTexts } from "../../kit";
import { AccuracyTab } from "./accuracy";
import { Days } from "./days";
import { Detail } from "./detail";
import en from "./en";
import { Models } from "./models";
import type { ForecastPage as Forecasts } from "./model";
import { Plans } from "./plans";
import zh from "./zh";

const TABS = ["days", "detail", "plans", "accuracy", "model"] as const;

export default function ForecastPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const tab = useTab([...TABS]);
  const stores = useApi<{ stores: { id: string; settings: { name: string } }[] }>("/v1/stores", { chain: chain.value, limit: 200 }, { every: 0 });
  const ids = (stores.data?.stores ?? []).map(({ id }) => id);
  const store = place.value.query.get("store") ?? ids[0] ?? "";
  const forecast = useApi<Forecasts>(store ? "/v1/forecasts" : null, { chain: chain.value, store }, { live: { topics: ["forecast"] } });
  const names: StoreNames = Object.fromEntries((stores.data?.stores ?? []).map(({ id, settings }) => [id, settings.name]));
  return (
    <Page title={t.title} of={forecast} actions={ids.length > 1 && <SelectField label={t.store} hideLabel value={store} onChange={(value) => setQuery({ store: value })} options={ids.map((id) => ({ value: id, label: names[id] ?? id }))} />}>
      <Tabs label={t.title} tabs={TABS.map((name) => ({ id: name, label: t[name] }))} />
      {tab === "plans" ? <Plans store={store} names={names} /> : tab === "accuracy" ? <AccuracyTab store={store} names={names} /> : tab === "model" ? <Models /> : (
        <Load of={forecast} lines={10} isEmpty={({ days }) => days.length === 0} empty={<Card><Empty icon="forecast" title={t.none} hint={t.noneHint} /></Card>}>
          {(page) => (tab === "days" ? <Days page={page} store={store} /> : <Detail page={page} store={store} />)}
        </Load>
      )}
    </Page>
  );
}
