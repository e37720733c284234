// The dispatcher's board: open deliveries, couriers and a map, live; below it what has ended, the numbers, and one delivery.
import type { JSX } from "preact";
import { Page, type PageProps, Row, SelectField, StoreField, type StoreNames, Tabs, chain, place, setQuery, storesOf, useApi, useStoreNames, useTab, useTexts } from "../../kit";
import { Board } from "./board";
import en from "./en";
import { Ended } from "./ended";
import type { Courier, Delivery, StoreSettings } from "./model";
import { Numbers } from "./numbers";
import { OneDelivery } from "./one";
import zh from "./zh";

export default function DeliveryPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneDelivery key={id} id={id} /> : <Deliveries />;
}

const TABS = ["open", "ended", "numbers"];
const MOST_LISTED = 200;
const PLACES_EVERY = 10_000; // places of couriers make no live change

function Deliveries(): JSX.Element {
  const t = useTexts({ en, zh });
  const tab = useTab(TABS);
  const own = storesOf("delivery:read");
  const store = (own?.length === 1 ? own[0] : place.value.query.get("store")) ?? "";
  const open = useApi<{ deliveries: Delivery[] }>("/v1/deliveries", { chain: chain.value, store, limit: 500 }, { live: { topics: ["delivery"], ...(store ? { stores: [store] } : {}) } });
  const couriers = useApi<{ couriers: Courier[] }>("/v1/couriers", { chain: chain.value }, { every: PLACES_EVERY });
  const settings = useApi<{ stores: StoreSettings[] }>("/v1/delivery-stores", { chain: chain.value }, { every: 0 });
  const listed = settings.data?.stores ?? [];
  // The list ends at some thousands.
  const isMissing = Boolean(store && settings.data && !listed.some((one) => one.store === store));
  const chosen = useApi<StoreSettings>(isMissing ? `/v1/delivery-stores/${encodeURIComponent(store)}` : null, { chain: chain.value }, { every: 0 });
  const stores = chosen.data ? [...listed, chosen.data] : listed;
  const names = useStoreNames(stores.map((one) => one.store));
  return (
    <Page title={t.title} of={open} actions={own?.length !== 1 && <StoreChoice store={store} names={names} settings={stores} />}>
      <Row><Tabs label={t.tabs} tabs={TABS.map((id) => ({ id, label: { open: t.open, ended: t.ended, numbers: t.numbers }[id] ?? id, ...(id === "open" && open.data ? { count: open.data.deliveries.length } : {}) }))} /></Row>
      {tab === "open" && <Board store={store} open={open} couriers={couriers} stores={stores} names={names} />}
      {tab === "numbers" && <Numbers store={store || onlyStore(stores)} />}
      {tab === "ended" && <Ended store={store} couriers={couriers.data?.couriers ?? []} names={names} />}
    </Page>
  );
}

const onlyStore = (stores: StoreSettings[]): string => (stores.length === 1 ? (stores[0]?.store ?? "") : "");

function StoreChoice({ store, names, settings }: { store: string; names: StoreNames; settings: StoreSettings[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const choose = (value: string) => setQuery({ store: value || null });
  if (settings.length > MOST_LISTED) return <StoreField label={t.store} hideLabel value={store} onChange={choose} all={t.allStores} />;
  const delivering = settings.map((one) => one.store);
  const ids = delivering.includes(store) || !store ? delivering : [...delivering, store];
  return <SelectField label={t.store} hideLabel value={store} onChange={choose} options={[{ value: "", label: t.allStores }, ...ids.map((id) => ({ value: id, label: names[id] ?? id }))]} />;
}
