// Every store on a grid by city, the ones that can't print first; below it one store, and one printer's day.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Empty, Failure, Icon, Load, Loading, Page, Row, SelectField, State, addressOf, chain, format, place, setQuery, storesOf, usePages, useTexts, type PageProps } from "../../kit";
import en from "./en";
import { TONES, byCity, type City, type FleetStore } from "./model";
import { OnePrinter } from "./printer";
import { OneStore } from "./store";
import zh from "./zh";

const FLEET = "/v1/console/fleet";
const FIRST = 24; // stores on the first page: a chain with more has its healthy stores folded
const IN_FOLD = 60;
const MOST_CITIES = 20;

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
  const fleet = usePages<FleetStore>(FLEET, { chain: chain.value, city, limit: FIRST }, "stores", { cursor: "after", live: { topics: ["fleet"] } });
  const all = (fleet.first?.["cities"] ?? []) as City[];
  // The API has the chosen city alone. The choice stays complete.
  const names = useNames(city ? null : all);
  const small = sum(all, "stores") <= FIRST;
  const shown = small ? (fleet.data ?? []) : (fleet.data ?? []).filter(({ reasons }) => reasons.length);
  const troubleIn = (cities: City[], name: string | null) => {
    const row = cities.find((one) => one.city === name);
    return row && t.trouble(format.number(row.red + row.yellow), format.number(row.stores));
  };
  const left = sum(all, "red") + sum(all, "yellow") - shown.length;
  return (
    <Page title={t.title} of={fleet}>
      <Failure problem={fleet.problem} retry={fleet.reload} />
      {!fleet.data && !fleet.problem && <Loading lines={8} />}
      {fleet.data?.length === 0 && <Card><Empty icon="printer" title={t.none} hint={t.noneHint} /></Card>}
      {fleet.data && fleet.data.length > 0 && <Summary cities={all} city={city} names={names} />}
      {byCity(shown).map(([name, stores]) => <Card key={name ?? ""} title={name ?? t.noCity} note={small ? t.stores(format.number(stores.length), stores.length === 1) : troubleIn(all, name)}><Tiles stores={stores} /></Card>)}
      {fleet.more && left > 0 && <Row><Button onPress={fleet.more} busy={fleet.loading}>{t.moreTrouble(format.number(left))}</Button></Row>}
      {!small && <Healthy cities={all.filter(({ green }) => green > 0)} />}
    </Page>
  );
}

const sum = (cities: City[], field: "red" | "yellow" | "green" | "stores"): number => cities.reduce((total, row) => total + row[field], 0);

function useNames(cities: City[] | null): string[] {
  const [known, setKnown] = useState<string[]>([]);
  const names = (cities ?? []).map((row) => row.city).filter((name) => name !== null).sort();
  if (names.length && names.join("\n") !== known.join("\n")) setKnown(names);
  return known;
}

function Summary({ cities, city, names }: { cities: City[]; city: string; names: string[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const options = city && !names.includes(city) ? [city, ...names] : names;
  return (
    <Row between>
      <Row>
        {(["red", "yellow", "green"] as const).map((colour) => (
          <State key={colour} tone={sum(cities, colour) ? TONES[colour] : "still"}>{`${format.number(sum(cities, colour))} · ${{ red: t.bad, yellow: t.wait, green: t.good }[colour]}`}</State>
        ))}
      </Row>
      {(options.length > 1 || city) && <SelectField label={t.city} hideLabel value={city} onChange={(value) => setQuery({ city: value })} options={[{ value: "", label: t.city }, ...options.map((name) => ({ value: name, label: name }))]} />}
    </Row>
  );
}

function Healthy({ cities }: { cities: City[] }): JSX.Element | null {
  const t = useTexts({ en, zh });
  const [whole, setWhole] = useState(false);
  const sorted = [...cities].sort((one, other) => other.green - one.green || (one.city ?? "").localeCompare(other.city ?? ""));
  const count = sum(cities, "green");
  if (count === 0) return null;
  return (
    <Card title={t.good} note={t.stores(format.number(count), count === 1)}>
      {sorted.slice(0, whole ? sorted.length : MOST_CITIES).map((row) => <Fold key={row.city ?? ""} of={row} open={cities.length === 1} />)}
      {!whole && sorted.length > MOST_CITIES && <Row><Button onPress={() => setWhole(true)}>{t.allCities(format.number(sorted.length))}</Button></Row>}
    </Card>
  );
}

function Fold({ of: { city, green }, open: initially }: { of: City; open: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(initially);
  return (
    <details class="fleet-fold" open={open} onToggle={(event: { currentTarget: HTMLDetailsElement }) => setOpen(event.currentTarget.open)}>
      <summary><strong>{city ?? t.noCity}</strong> <span class="soft">{t.stores(format.number(green), green === 1)}</span></summary>
      {open && <HealthyOf city={city} />}
    </details>
  );
}

function HealthyOf({ city }: { city: string | null }): JSX.Element {
  const t = useTexts({ en, zh });
  const stores = usePages<FleetStore>(FLEET, { chain: chain.value, ...(city === null ? { no_city: true } : { city }), healthy: true, limit: IN_FOLD }, "stores", { cursor: "after", live: { topics: ["fleet"] } });
  return (
    <Load of={stores} lines={3}>
      {(rows) => (
        <>
          <Tiles stores={rows} />
          {stores.more && <Row><Button small onPress={stores.more} busy={stores.loading}>{t.more}</Button></Row>}
        </>
      )}
    </Load>
  );
}

const Tiles = ({ stores }: { stores: FleetStore[] }): JSX.Element => <ul class="fleet-tiles">{stores.map((store) => <li key={store.store}><Tile store={store} /></li>)}</ul>;

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
      {store.jobs_waiting > 0 && <span>{t.jobs(format.number(store.jobs_waiting), store.jobs_waiting === 1)}{store.oldest_at && <span class="soft">{`, ${t.oldest(format.ago(store.oldest_at))}`}</span>}</span>}
      {store.jobs_for_person > 0 && <span class="fleet-person"><Icon name="warning" size={16} />{t.forPerson(format.number(store.jobs_for_person))}</span>}
    </a>
  );
}
