// One order: its lines and sums, its two ways, its tickets, and its trace as a timeline.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Dialog, Facts, Form, Grid, Load, Page, Row, State, Table, TextField, format, may, notify, post, useApi, useStorePlace, useTexts, type StorePlace } from "../../kit";
import { JobsTable, usePrinters, wordOf } from "../../parts/jobs";
import en from "./en";
import { DOCUMENT_TONES, PAYMENT_TONES, STATE_TONES, WAY, type Line, type Order, type OrderDetail, type OrderDocument } from "./model";
import { Timeline } from "./timeline";
import zh from "./zh";

export function OneOrder({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const detail = useApi<OrderDetail>(`/v1/console/orders/${encodeURIComponent(id)}`, {}, { live: { topics: ["orders", "fleet"] }, only: ({ subject }) => subject.includes(id) });
  const order = detail.data?.order;
  return (
    <Page title={order ? t.order(order.pickup_number) : t.title} of={detail} back={{ to: "/orders", label: t.back }}
      actions={order && may("orders:cancel", order.store) && !["cancelled", "handed_over"].includes(order.fulfilment) && <CancelOrder order={order} after={detail.reload} />}>
      <Load of={detail} lines={10}>{(data) => <Detail detail={data} reload={detail.reload} />}</Load>
    </Page>
  );
}

function Detail({ detail, reload }: { detail: OrderDetail; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const { order } = detail;
  const printers = usePrinters(order.store);
  const location = useStorePlace(order.store);
  const zone = location?.timezone;
  return (
    <>
      <Row>
        <State tone={STATE_TONES[order.fulfilment] ?? "still"}>{wordOf(t.states, order.fulfilment)}</State>
        <State tone={PAYMENT_TONES[order.payment] ?? "still"}>{wordOf(t.payments, order.payment)}</State>
        {order.bill === "open" && <State tone="info">{t.bills.open}</State>}
      </Row>
      <Grid columns={2}>
        <Card title={t.lines}><Lines order={order} /></Card>
        <Card title={t.fulfilment}>
          <Way states={detail.fulfilment_states} now={order.fulfilment} words={t.states} way={WAY} zone={zone} />
          <h3>{t.money}</h3>
          <Way states={detail.payment_states} now={order.payment} words={t.payments} way={["unpaid", "paid"]} zone={zone} />
          <About order={order} location={location} />
        </Card>
      </Grid>
      <Card title={t.tickets} flush><JobsTable store={order.store} jobs={detail.jobs} printers={printers} reload={reload} /></Card>
      {detail.documents.length > 0 && <Documents documents={detail.documents} />}
      <Card title={t.timeline}><Timeline steps={detail.timeline} currency={order.currency} zone={zone} /></Card>
    </>
  );
}

// What an ERP has of the order. A document that was taken back there is cancelled, however far that is.
function Documents({ documents }: { documents: OrderDocument[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const stateOf = ({ goal, state }: OrderDocument) => (goal === "cancel" && state === "done" ? "cancelled" : state);
  return (
    <Card title={t.documents} flush>
      <Table label={t.documents} rows={documents} rowKey={(row) => `${row.system} ${row.kind} ${row.at} ${row.number ?? ""}`} columns={[
        { key: "system", head: t.system, cell: ({ system }) => system },
        { key: "document", head: t.document, cell: ({ kind, of_day }) => <>{wordOf(t.documentKinds, kind)}{of_day && <span class="soft">{` · ${t.ofDay}`}</span>}</> },
        { key: "state", head: t.state, cell: (row) => <><State tone={DOCUMENT_TONES[row.state] ?? "still"}>{wordOf(t.documentStates, stateOf(row))}</State>{row.state === "parked" && row.reason && <span class="soft">{` ${row.reason}`}</span>}</> },
        { key: "number", head: t.documentNumber, cell: ({ number }) => number ?? "–" },
        { key: "since", head: t.since, end: true, cell: ({ at }) => format.moment(at) },
      ]} />
    </Card>
  );
}

function Lines({ order }: { order: Order }): JSX.Element {
  const t = useTexts({ en, zh });
  const money = (amount: number) => format.money(amount, order.currency);
  const sums: [string, number][] = [
    [t.subtotal, order.subtotal], ...order.discounts.map(({ code, amount }): [string, number] => [`${t.discounts} ${code}`, -amount]), [t.serviceCharge, order.service_charge],
    [t.deliveryCharge, order.delivery_charge], [t.tax, order.tax], [t.tip, order.tip ?? 0], [t.paid, order.paid], [t.refunded, order.refunded], [t.toRefund, order.refund_due],
  ];
  return (
    <>
      <ul class="order-lines">{order.lines.map((line, at) => <li key={line.id ?? at}><LineText line={line} /><span>{money(line.amount)}</span></li>)}</ul>
      <p class="order-total"><span>{t.total}</span><span>{money(order.total)}</span></p>
      <Facts rows={sums.filter(([, amount]) => amount !== 0).map(([name, amount]) => [name, money(amount)])} />
    </>
  );
}

function LineText({ line }: { line: Line }): JSX.Element {
  const extras = [...(line.parts ?? []).map(({ name, size }) => [name, size].filter(Boolean).join(" ")), ...line.options.map(({ name, quantity }) => (quantity && quantity > 1 ? `${quantity} × ${name}` : name))];
  return (
    <span>
      <strong>{`${format.number(line.quantity)} × ${line.name}${line.size ? ` ${line.size}` : ""}`}</strong>
      {extras.map((extra, at) => <span key={at} class="soft order-extra">{extra}</span>)}
      {line.note && <em class="order-extra">{line.note}</em>}
    </span>
  );
}

/** The states that were reached, with their times, and the usual ones that are still to come. */
function Way({ states, now, words, way, zone }: { states: { state: string; at: string }[]; now: string; words: Record<string, string>; way: string[]; zone: string | undefined }): JSX.Element {
  const t = useTexts({ en, zh });
  const reached = states.map(({ state }) => state);
  const coming = now === "cancelled" ? [] : way.slice(way.indexOf(now) + 1).filter((state) => !reached.includes(state));
  return (
    <ol class="order-way">
      {states.map(({ state, at }, index) => <li key={`${state}${index}`} class="reached" aria-current={index === states.length - 1 ? "step" : undefined}><strong>{wordOf(words, state)}</strong><time dateTime={at}>{format.clock(at, zone)}</time></li>)}
      {coming.map((state) => <li key={state}><span>{wordOf(words, state)}</span><span class="soft">{t.notYet}</span></li>)}
    </ol>
  );
}

function About({ order, location }: { order: Order; location: StorePlace | undefined }): JSX.Element {
  const t = useTexts({ en, zh });
  const { guest } = order;
  const rows: [string, string | null | undefined][] = [
    [t.store, location?.name ?? order.store], [t.source, `${wordOf(t.sources, order.source.kind)} ${order.source.id}`], [t.sourceNumber, order.source.number], [t.day, format.day(order.business_day)], [t.placed, format.moment(order.placed_at, location?.timezone)],
    [t.service, wordOf(t.services, order.service)], [t.table, order.table], [t.wanted, order.wanted_for && format.moment(order.wanted_for, location?.timezone)], [t.guest, guest?.name], [t.phone, guest?.phone], [t.address, guest?.address], [t.note, order.note],
  ];
  return (
    <>
      <Facts rows={rows.filter((row): row is [string, string] => Boolean(row[1]))} />
      {guest && !may("personal:read", order.store) && <p class="soft">{t.masked}</p>}
    </>
  );
}

function CancelOrder({ order, after }: { order: Order; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const done = () => {
    setOpen(false);
    after();
    notify(t.cancelled);
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>{t.cancel}</Button>
      <Dialog open={open} title={t.cancelTitle} onClose={() => setOpen(false)}>
        <Form submit={t.cancel} danger onSend={(key) => post(`/v1/orders/${order.id}/cancel`, { reason }, key)} after={done}>
          <p class="soft">{t.cancelHint}</p>
          <TextField label={t.reason} value={reason} onChange={setReason} required maxLength={200} />
        </Form>
      </Dialog>
    </>
  );
}
