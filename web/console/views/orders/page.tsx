// The live list of orders with filters, and the search.
import type { JSX } from "preact";
import { Card, Empty, Load, Page, PagedTable, Row, Search, SelectField, State, Table, chain, format, place, setQuery, storesOf, useApi, usePages, useTexts, type Column, type PageProps, StoreField, useStorePlaces, type StorePlace } from "../../kit";
import { wordOf } from "../../parts/jobs";
import en from "./en";
import { PAYMENT_TONES, STATE_TONES, type OrderRow } from "./model";
import { OneOrder } from "./order";
import zh from "./zh";

export default function OrdersPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneOrder key={id} id={id} /> : <Orders />;
}

const FILTERS = ["store", "source", "payment", "status"] as const;

function Orders(): JSX.Element {
  const t = useTexts({ en, zh });
  const wanted = place.value.query.get("q") ?? "";
  const filters = Object.fromEntries(FILTERS.map((name) => [name, place.value.query.get(name)]));
  const live = { topics: ["orders"], ...(filters["store"] ? { stores: [filters["store"]] } : {}) };
  const orders = usePages<OrderRow>(wanted ? null : "/v1/console/orders", { chain: chain.value, ...filters, limit: 50 }, "orders", { cursor: "after", live });
  const places = useStorePlaces((orders.data ?? []).map(({ store }) => store));
  return (
    <Page title={t.title} of={orders}>
      <Row><Search label={t.search} value={wanted} onChange={(text) => setQuery({ q: text || null })} /><StoreFilter />{!wanted && <Filters />}</Row>
      {wanted ? <Found wanted={wanted} store={filters["store"] ?? null} /> : (
        <Card flush>
          <PagedTable of={orders} label={t.title} rowKey={({ id }) => id} to={({ id }) => `/orders/${id}`} fresh={isFresh} columns={columnsOf(t, places)}
            empty={<Empty icon="orders" title={t.none} hint={t.noneHint} />} />
        </Card>
      )}
    </Page>
  );
}

const isFresh = ({ received_at }: OrderRow): boolean => Date.now() - new Date(received_at).getTime() < 5_000;

function columnsOf(t: typeof en, places: Record<string, StorePlace>): Column<OrderRow>[] {
  return [
    { key: "number", head: t.number, cell: (row) => <>{row.pickup_number}{row.found_by && <span class="soft">{` ${wordOf(t.foundBy, row.found_by)}`}</span>}</> },
    { key: "store", head: t.store, cell: ({ store, table }) => <>{places[store]?.name ?? store}{table && <span class="soft">{` · ${t.table} ${table}`}</span>}</> },
    { key: "source", head: t.source, cell: ({ source, number }) => <>{wordOf(t.sources, source.kind)} <span class="soft">{number}</span></> },
    { key: "state", head: t.state, narrow: "bare", cell: (row) => <><State tone={STATE_TONES[row.fulfilment] ?? "still"}>{wordOf(t.states, row.fulfilment)}</State>{row.bill === "open" && <State tone="info">{t.bills.open}</State>}</> },
    { key: "payment", head: t.payment, narrow: "bare", cell: (row) => <><State tone={PAYMENT_TONES[row.payment] ?? "still"}>{wordOf(t.payments, row.payment)}</State>{row.differs && <State tone="wait">{t.differs}</State>}</> },
    { key: "total", head: t.total, end: true, cell: ({ total, currency }) => format.money(total, currency) },
    { key: "placed", head: t.placed, end: true, cell: ({ store, placed_at }) => format.moment(placed_at, places[store]?.timezone) },
  ];
}

function Found({ wanted, store }: { wanted: string; store: string | null }): JSX.Element {
  const t = useTexts({ en, zh });
  const found = useApi<{ orders: OrderRow[]; pickup_needs_store: boolean }>("/v1/console/orders/search", { chain: chain.value, q: wanted, store });
  const places = useStorePlaces(found.data?.orders.map(({ store }) => store));
  const columns = columnsOf(t, places);
  return (
    <>
      {found.data?.pickup_needs_store && <p role="status">{t.pickupNeedsStore}</p>}
      <Card flush>
        <Load of={found} isEmpty={({ orders }) => orders.length === 0} empty={<Empty icon="search" title={t.notFound} hint={t.notFoundHint} />}>
          {({ orders }) => <Table label={t.title} rows={orders} rowKey={({ id }) => id} to={({ id }) => `/orders/${id}`} columns={columns} />}
        </Load>
      </Card>
    </>
  );
}

const choose = (name: string) => (value: string) => setQuery({ [name]: value || null });

function StoreFilter(): JSX.Element | null {
  const t = useTexts({ en, zh });
  if (storesOf("orders:read")?.length === 1) return null;
  return <StoreField label={t.store} hideLabel value={place.value.query.get("store") ?? ""} onChange={choose("store")} all={t.allStores} />;
}

function Filters(): JSX.Element {
  const t = useTexts({ en, zh });
  const query = place.value.query;
  const words = (all: string, options: Record<string, string>) => [{ value: "", label: all }, ...Object.entries(options).map(([value, label]) => ({ value, label }))];
  return (
    <>
      <SelectField label={t.source} hideLabel value={query.get("source") ?? ""} onChange={choose("source")} options={words(t.allSources, t.sources)} />
      <SelectField label={t.payment} hideLabel value={query.get("payment") ?? ""} onChange={choose("payment")} options={words(t.allPayments, t.payments)} />
      <SelectField label={t.state} hideLabel value={query.get("status") ?? ""} onChange={choose("status")} options={words(t.allStates, t.states)} />
    </>
  );
}
