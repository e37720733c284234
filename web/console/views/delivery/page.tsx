// The dispatcher's board: open deliveries, couriers and a map, live; below it what has ended, the numbers, and one delivery.
import type { JSX } from "preact";
import { Page, type PageProps, Row, SelectField, StoreField, type StoreNames, Tabs, chain, place, setQuery, storesOf, useApi, useStoreNames, useTab, useTexts } from "../../kit";
import { Board } from "./board";
import en from "./en";
import { Ended } from "./ended";
import { CourierTable } from "./forms/couriers";
import { Fleets } from "./forms/fleets";
import { StoreForm } from "./forms/store";
import { manageWholeChain, type Courier, type Delivery, type StoreSettings } from "./model";
import { Numbers } from "./numbers";
import { OneDelivery } from "./one";
import { UnreadList, countOf, useUnread } from "./unread";
import zh from "./zh";

export default function DeliveryPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneDelivery key={id} id={id} /> : <Deliveries />;
}

const TABS = ["open", "messages", "ended", "numbers", "couriers", "settings"];
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
  const unread = useUnread(store);
  const names = useStoreNames([...stores.map((one) => one.store), ...(unread.data?.conversations ?? []).map((one) => one.store)]);
  const counts: Record<string, number | undefined> = { open: open.data?.deliveries.length, messages: countOf(unread.data) || undefined };
  const words: Record<string, string> = { open: t.open, messages: t.messages, ended: t.ended, numbers: t.numbers, couriers: t.couriers, settings: t.settings };
  return (
    <Page title={t.title} of={open} actions={own?.length !== 1 && <StoreChoice store={store} names={names} settings={stores} isAny={tab === "settings"} />}>
      <Row><Tabs label={t.tabs} tabs={TABS.map((id) => ({ id, label: words[id] ?? id, ...(counts[id] === undefined ? {} : { count: counts[id] as number }) }))} /></Row>
      {tab === "open" && <Board store={store} open={open} couriers={couriers} stores={stores} names={names} unread={unread.data} />}
      {tab === "messages" && <UnreadList unread={unread} names={names} />}
      {tab === "numbers" && <Numbers store={store || onlyStore(stores)} />}
      {tab === "couriers" && <CourierTable store={store} couriers={couriers} names={names} />}
      {tab === "settings" && <StoreForm key={store} store={store || onlyStore(stores)} couriers={couriers.data?.couriers ?? []} names={names} after={settings.reload} />}
      {tab === "settings" && manageWholeChain() && <Fleets />}
      {tab === "ended" && <Ended store={store} couriers={couriers.data?.couriers ?? []} names={names} />}
    </Page>
  );
}

const onlyStore = (stores: StoreSettings[]): string => (stores.length === 1 ? (stores[0]?.store ?? "") : "");

function StoreChoice({ store, names, settings, isAny }: { store: string; names: StoreNames; settings: StoreSettings[]; isAny: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const choose = (value: string) => setQuery({ store: value || null });
  if (isAny || settings.length > MOST_LISTED) return <StoreField label={t.store} hideLabel value={store} onChange={choose} all={t.allStores} />;
  const delivering = settings.map((one) => one.store);
  const ids = delivering.includes(store) || !store ? delivering : [...delivering, store];
  return <SelectField label={t.store} hideLabel value={store} onChange={choose} options={[{ value: "", label: t.allStores }, ...ids.map((id) => ({ value: id, label: names[id] ?? id }))]} />;
}
