// The forecast of a store: the next 30 days and why, hours and items, plans and what-if, how good it was, the model.
import type { JSX } from "preact";
import { Card, Empty, Load, Page, Tabs, chain, place, setQuery, useApi, useTab, useTexts, StoreField, usePlaces } from "../../kit";
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
  const places = usePlaces();
  const store = place.value.query.get("store") ?? places.data?.places[0]?.store ?? "";
  const forecast = useApi<Forecasts>(store ? "/v1/forecasts" : null, { chain: chain.value, store }, { live: { topics: ["forecast"] } });
  return (
    <Page title={t.title} of={forecast} actions={(places.data?.stores_in_all ?? 0) > 1 && <StoreField label={t.store} hideLabel value={store} onChange={(value) => setQuery({ store: value })} />}>
      <Tabs label={t.title} tabs={TABS.map((name) => ({ id: name, label: t[name] }))} />
      {tab === "plans" ? <Plans store={store} /> : tab === "accuracy" ? <AccuracyTab store={store} /> : tab === "model" ? <Models /> : (
        <Load of={forecast} lines={10} isEmpty={({ days }) => days.length === 0} empty={<Card><Empty icon="forecast" title={t.none} hint={t.noneHint} /></Card>}>
          {(page) => (tab === "days" ? <Days page={page} store={store} /> : <Detail page={page} store={store} />)}
        </Load>
      )}
    </Page>
  );
}
