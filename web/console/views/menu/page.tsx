// Menus of stores and of the chain: which one, and the one that was chosen.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  Button, Card, Dialog, Empty, Form, FoundStores, Load, Page, PagedTable, Row, Search, SelectField, Table, TextField, chain, format, go, may, storesOf, useApi, usePages, useTexts,
  type PageProps,
} from "../../kit";
import { MenuEditor } from "./editor";
import en from "./en";
import zh from "./zh";

interface Store {
  id: string;
  settings: { name: string; city: string | null; menu: string | null };
}

interface ChainMenu {
  id: string;
  currency: string;
  stores: number;
}

const CURRENCIES = ["CNY", "USD", "EUR", "GBP", "HKD", "SGD", "JPY", "MXN", "CHF", "AUD", "CAD", "MYR", "THB", "KWD"];

export default function MenuPage({ parts }: PageProps): JSX.Element {
  const [kind, id] = parts;
  const own = storesOf("menu:read");
  if ((kind === "store" || kind === "chain") && id) return <MenuEditor key={`${kind}/${id}`} kind={kind} id={decodeURIComponent(id)} alone={own?.length === 1} />;
  if (own?.length === 1 && own[0]) return <MenuEditor kind="store" id={own[0]} alone />;
  return <Chooser />;
}

function Chooser(): JSX.Element {
  const t = useTexts({ en, zh });
  const stores = usePages<Store>("/v1/stores", { chain: chain.value, limit: 50 }, "stores");
  const [wanted, setWanted] = useState("");
  const to = (id: string) => `/menu/store/${encodeURIComponent(id)}`;
  const menus = useApi<{ menus: ChainMenu[] }>("/v1/menus", { chain: chain.value });
  return (
    <Page title={t.title} of={stores}>
      {storesOf("menu:read") === null && <ChainMenus menus={menus} />}
      <Row><Search label={t.findStore} value="" onChange={setWanted} /></Row>
      {wanted.trim() ? <FoundStores wanted={wanted.trim()} to={to} /> : <Card title={t.stores} flush>
        <PagedTable of={stores} label={t.stores} rowKey={({ id }) => id} to={({ id }) => to(id)}
          empty={<Empty icon="store" title={t.noStores} hint={t.noStoresHint} />}
          columns={[
            { key: "store", head: t.store, cell: ({ settings }) => settings.name },
            { key: "city", head: t.city, cell: ({ settings }) => settings.city ?? "–" },
            { key: "menu", head: t.sellsFrom, cell: ({ settings }) => (settings.menu ? t.menuOf(settings.menu) : t.own) },
          ]} />
      </Card>}
    </Page>
  );
}

function ChainMenus({ menus }: { menus: ReturnType<typeof useApi<{ menus: ChainMenu[] }>> }): JSX.Element {
  const t = useTexts({ en, zh });
  const [making, setMaking] = useState(false);
  return (
    <Card title={t.chainMenus} flush actions={may("menu:write") && <Button small icon="plus" onPress={() => setMaking(true)}>{t.newMenu}</Button>}>
      <Load of={menus} isEmpty={(reply) => reply.menus.length === 0} empty={<Empty icon="menu" title={t.noChainMenus} hint={t.noChainMenusHint} />}>
        {(reply) => (
          <Table label={t.chainMenus} rows={reply.menus} rowKey={({ id }) => id} to={({ id }) => `/menu/chain/${encodeURIComponent(id)}`} columns={[
            { key: "menu", head: t.menu, cell: ({ id }) => id },
            { key: "currency", head: t.currency, cell: ({ currency }) => currency },
            { key: "stores", head: t.usedBy, end: true, cell: ({ stores }) => format.number(stores) },
          ]} />
        )}
      </Load>
      <NewMenu open={making} close={() => setMaking(false)} />
    </Card>
  );
}

function NewMenu({ open, close }: { open: boolean; close: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [id, setId] = useState("");
  const [currency, setCurrency] = useState("CNY");
  return (
    <Dialog open={open} title={t.newMenu} onClose={close}>
      <Form submit={t.create} onSend={async () => go(`/menu/chain/${encodeURIComponent(id)}?currency=${currency}`)}>
        <TextField label={t.menuId} hint={t.menuIdHint} value={id} onChange={setId} required pattern="[a-z0-9][a-z0-9\-]{0,39}" autocomplete="off" spellcheck={false} />
        <SelectField label={t.currency} value={currency} onChange={setCurrency} options={CURRENCIES.map((value) => ({ value, label: value }))} />
      </Form>
    </Dialog>
  );
}

