// Every store on a grid by city, the ones that can't print first; below it one store, and one printer's day.
import type { JSX } from "preact";
import { Button, Card, Empty, Failure, Icon, Loading, Page, Row, SelectField, State, addressOf, chain, format, place, setQuery, storesOf, usePages, useTexts, type PageProps } from "../../kit";
import en from "./en";
import { TONES, byCity, type City, type FleetStore } from "./model";
import { OnePrinter } from "./printer";
import { OneStore } from "./store";
import zh from "./zh";

export default function FleetPage({ parts }: PageProps): JSX.Element {
  const [store, printer] = parts.map(decodeURIComponent);
  const own = storesOf("printing:read");
  if (store && printer) return <OnePrinter key={`${store}/${printer}`} store={store} printer={printer} />;
  if (store) return <OneStore key={store} store={store} alone={own?.length === 1} />;
  if (own?.length === 1 && own[0]) return <OneStore store={own[0]} alone />;
  return <Fleet />;
}

function Fleet(): JSX.Element {
  const t = useTexts({ en, zh });
  const city = place.value.query.get("city") ?? "";
  const fleet = usePages<FleetStore>("/v1/console/fleet", { chain: chain.value, city, limit: 200 }, "stores", { cursor: "after", live: { topics: ["fleet"] } });
  const cities = (fleet.first?.["cities"] ?? []) as City[];
  return (
    <Page title={t.title} of={fleet}>
      <Failure problem={fleet.problem} retry={fleet.reload} />
      {!fleet.data && !fleet.problem && <Loading lines={8} />}
      {fleet.data?.length === 0 && <Card><Empty icon="printer" title={t.none} hint={t.noneHint} /></Card>}
      {fleet.data && fleet.data.length > 0 && <Summary cities={cities} city={city} />}
      {byCity(fleet.data ?? []).map(([name, stores]) => <CityCard key={name ?? ""} name={name ?? t.noCity} stores={stores} />)}
      {fleet.more && <Row><Button onPress={fleet.more} busy={fleet.loading}>{t.more}</Button></Row>}
    </Page>
  );
}

function Summary({ cities, city }: { cities: City[]; city: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const shown = city ? cities.filter((row) => row.city === city) : cities;
  const sum = (field: "red" | "yellow" | "green") => shown.reduce((total, row) => total + row[field], 0);
  const names = cities.map((row) => row.city).filter((name) => name !== null).sort();
  return (
    <Row between>
      <Row>
        {(["red", "yellow", "green"] as const).map((colour) => (
          <State key={colour} tone={sum(colour) ? TONES[colour] : "still"}>{`${format.number(sum(colour))} · ${{ red: t.bad, yellow: t.wait, green: t.good }[colour]}`}</State>
        ))}
      </Row>
      {names.length > 1 && <SelectField label={t.city} hideLabel value={city} onChange={(value) => setQuery({ city: value })} options={[{ value: "", label: t.city }, ...names.map((name) => ({ value: name, label: name }))]} />}
    </Row>
  );
}

function CityCard({ name, stores }: { name: string; stores: FleetStore[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={name} note={t.stores(format.number(stores.length), stores.length === 1)}>
      <ul class="fleet-tiles">{stores.map((store) => <li key={store.store}><Tile store={store} /></li>)}</ul>
    </Card>
  );
}

function Tile({ store }: { store: FleetStore }): JSX.Element {
  const t = useTexts({ en, zh });
  const [worst] = store.reasons;
  const words = worst ? ((t.reasons as Record<string, string>)[worst] ?? worst) : t.all;
  const to = `/fleet/${encodeURIComponent(store.store)}`;
  return (
    <a class={`fleet-tile ${TONES[store.colour]}`} href={addressOf(to)}>
      <strong>{store.name}</strong>
      <State tone={TONES[store.colour]}>{words}</State>
      {worst && store.since && <span class="soft">{t.since(format.ago(store.since))}</span>}
      {store.jobs_waiting > 0 && <span>{t.jobs(format.number(store.jobs_waiting), store.jobs_waiting === 1)}{store.oldest_at && <span class="soft">{`, ${t.oldest(format.time(store.oldest_at))}`}</span>}</span>}
      {store.jobs_for_person > 0 && <span class="fleet-person"><Icon name="warning" size={16} />{t.forPerson(format.number(store.jobs_for_person))}</span>}
    </a>
  );
}
