// Stores: the list, and one store with its settings, hours, printers and printing rules.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  Button, Dialog, Card, Empty, Failure, FoundStores, Loading, Page, PagedTable, Row, Search, State, Tabs, chain, format, go, may, storesOf, useApi, usePages, useTab, useTexts,
  type PageProps,
} from "../../kit";
import en from "./en";
import { HoursForm } from "./hours";
import { pathOf, type Store } from "./model";
import { Printers } from "./printers";
import { RoutingForm } from "./routing";
import { SettingsForm } from "./settings";
import zh from "./zh";

export default function StoresPage({ parts }: PageProps): JSX.Element {
  const own = storesOf("menu:read");
  const [id] = parts;
  if (id) return <OneStore key={id} id={decodeURIComponent(id)} alone={own?.length === 1} />;
  if (own?.length === 1 && own[0]) return <OneStore id={own[0]} alone />;
  return <StoreList />;
}

function StoreList(): JSX.Element {
  const t = useTexts({ en, zh });
  const [wanted, setWanted] = useState("");
  const to = (id: string) => `/stores/${encodeURIComponent(id)}`;
  const [making, setMaking] = useState(false);
  const stores = usePages<Store>("/v1/stores", { chain: chain.value, limit: 50 }, "stores", { every: 60_000 });
  return (
    <Page title={t.title} of={stores} actions={may("stores:write") && storesOf("stores:write") === null && <Button kind="main" icon="plus" onPress={() => setMaking(true)}>{t.newStore}</Button>}>
      <Row><Search label={t.find} value="" onChange={setWanted} /></Row>
      {wanted.trim() ? <FoundStores wanted={wanted.trim()} to={to} /> : <Card flush>
        <PagedTable of={stores} label={t.title} rowKey={({ id }) => id} to={({ id }) => to(id)}
          empty={<Empty icon="store" title={t.none} hint={t.noneHint} />}
          columns={[
            { key: "store", head: t.store, cell: ({ settings }) => settings.name },
            { key: "city", head: t.city, cell: ({ settings }) => settings.city ?? "–" },
            { key: "region", head: t.region, cell: ({ settings }) => settings.region },
            { key: "day", head: t.day, cell: (store) => format.day(store.business_day) },
            { key: "state", head: t.state, cell: (store) => <OpenState store={store} />, narrow: "bare" },
          ]} />
      </Card>}
      <Dialog open={making} title={t.newStore} onClose={() => setMaking(false)} wide>
        <SettingsForm store={null} after={(id) => go(`/stores/${encodeURIComponent(id)}?tab=hours`)} />
      </Dialog>
    </Page>
  );
}

function OpenState({ store }: { store: Store }): JSX.Element {
  const t = useTexts({ en, zh });
  if (store.closed) return <State tone="still">{t.closedForGood}</State>;
  if (!store.opening_hours) return <State tone="wait">{t.noHours}</State>;
  return store.open ? <State tone="good">{t.open}</State> : <State tone="still">{t.closedNow}</State>;
}

function OneStore({ id, alone }: { id: string; alone: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const store = useApi<Store>(pathOf(id), {}, { every: 60_000 });
  const tabs = ["settings", "hours", ...(may("printing:read", id) ? ["printers", "routing"] : [])] as ("settings" | "hours" | "printers" | "routing")[];
  const tab = useTab(tabs);
  const { data } = store;
  return (
    <Page title={data?.settings.name ?? id} of={store} {...(alone ? {} : { back: { to: "/stores", label: t.back } })}
      actions={<Button icon="menu" onPress={() => go(`/menu/store/${encodeURIComponent(id)}`)}>{t.menu}</Button>}>
      <Failure problem={store.problem} retry={store.reload} />
      <Tabs label={data?.settings.name ?? id} tabs={tabs.map((name) => ({ id: name, label: t[name] }))} />
      {!data && !store.problem && <Loading lines={8} />}
      {data && tab === "settings" && <Card><SettingsForm key={data.revision} store={data} after={store.reload} /></Card>}
      {data && tab === "hours" && <HoursForm key={data.revision} store={data} after={store.reload} />}
      {data && tab === "printers" && <Printers store={data} />}
      {data && tab === "routing" && <RoutingForm store={data} />}
    </Page>
  );
}
