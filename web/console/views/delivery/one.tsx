// One delivery: both states as ways, for whom it is, what was done or refused, its proof and its messages.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Facts, Form, Grid, Link, Load, Page, Row, State, TextField, chain, format, may, notify, useApi, useStoreNames, useTexts } from "../../kit";
import { act } from "./actions";
import { AssignButton } from "./assign";
import { Due, Why } from "./card";
import en from "./en";
import { EditDetails } from "./forms/details";
import { Messages } from "./messages";
import { BEFORE_PICKUP, CARRIAGE, CARRIAGE_TONES, GOODS, GOODS_TONES, UNDERWAY, ofStore, type Courier, type Delivery, type Line } from "./model";
import { ProofCard } from "./proof";
import { Trace } from "./trace";
import { useNow } from "./now";
import zh from "./zh";

export function OneDelivery({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const detail = useApi<Delivery>(`/v1/deliveries/${encodeURIComponent(id)}`, {}, { live: { topics: ["delivery"] }, only: ({ subject }) => subject.includes(id) });
  const couriers = useApi<{ couriers: Courier[] }>("/v1/couriers", { chain: chain.value }, { every: 30_000 });
  const delivery = detail.data;
  return (
    <Page title={delivery ? t.order(delivery.number) : t.title} of={detail} back={{ to: "/delivery", label: t.back }}
      actions={delivery && may("delivery:manage", delivery.store) && <Buttons delivery={delivery} couriers={couriers.data?.couriers ?? []} after={detail.reload} />}>
      <Load of={detail} lines={10}>{(data) => <Detail delivery={data} couriers={couriers.data?.couriers ?? []} after={detail.reload} />}</Load>
    </Page>
  );
}

function Buttons({ delivery, couriers, after }: { delivery: Delivery; couriers: Courier[]; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const now = useNow();
  const early = BEFORE_PICKUP.includes(delivery.carriage);
  return (
    <>
      {early && <AssignButton delivery={delivery} couriers={ofStore(couriers, delivery.store, now)} now={now} after={after} />}
      {early && delivery.courier && <Action act={(key) => act(delivery, "unassign", key)} done={t.takenBack(delivery.number)} after={after}>{t.takeBack}</Action>}
      {delivery.carriage === "failed" && <Action kind="main" act={(key) => act(delivery, "retry", key)} done={t.retried} after={after}>{t.retry}</Action>}
      {(early || UNDERWAY.includes(delivery.carriage)) && <Cancel delivery={delivery} after={after} />}
    </>
  );
}

function Cancel({ delivery, after }: { delivery: Delivery; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const done = () => {
    setOpen(false);
    notify(t.cancelled);
    after();
  };
  return (
    <>
      <Button kind="quiet" onPress={() => setOpen(true)}>{t.cancel}</Button>
      <Dialog open={open} title={t.cancelTitle} onClose={() => setOpen(false)}>
        <Form submit={t.cancel} danger onSend={(key) => act(delivery, "cancel", key, { reason })} after={done}>
          <p class="soft">{t.cancelHint}</p>
          <TextField label={t.reason} value={reason} onChange={setReason} required maxLength={200} />
        </Form>
      </Dialog>
    </>
  );
}

function Detail({ delivery, couriers, after }: { delivery: Delivery; couriers: Courier[]; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const now = useNow();
  const nameOf = (id: string) => couriers.find((courier) => courier.id === id)?.name ?? id;
  return (
    <>
      <Row>
        <State tone={GOODS_TONES[delivery.goods] ?? "still"}>{t.goods[delivery.goods] ?? delivery.goods}</State>
        <State tone={CARRIAGE_TONES[delivery.carriage] ?? "still"}>{t.carriage[delivery.carriage] ?? delivery.carriage}</State>
        {delivery.courier && <State tone="info" icon="people">{nameOf(delivery.courier)}</State>}
        {!delivery.ended_at && <Due delivery={delivery} now={now} />}
      </Row>
      <Why delivery={delivery} couriers={couriers} />
      <Card title={t.where}>
        <Way name={t.goodsWay} way={GOODS} words={t.goods} times={delivery.times} now={delivery.goods} />
        <Way name={t.carriageWay} way={CARRIAGE} words={t.carriage} times={delivery.times} now={delivery.carriage} />
      </Card>
      <Grid columns={2}>
        <div class="delivery-stack">
          <Card title={t.about} actions={!delivery.ended_at && may("delivery:manage", delivery.store) && <EditDetails delivery={delivery} after={after} />}><About delivery={delivery} /></Card>
          <ProofCard delivery={delivery} />
        </div>
        <div class="delivery-stack">
          <Card title={t.contents}><Lines lines={delivery.lines} /></Card>
          <Messages delivery={delivery} />
        </div>
      </Grid>
      <Trace delivery={delivery} couriers={couriers} />
    </>
  );
}

/** The states of one machine: reached ones with their times, the present one, and the usual ones that are to come. */
function Way({ name, way, words, times, now }: { name: string; way: string[]; words: Record<string, string>; times: Record<string, string>; now: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const usual = way.includes(now);
  const reached = Object.entries(times).filter(([state]) => state in words && (way.includes(state) || isOfMachine(state, way))).sort(([, one], [, other]) => (one < other ? -1 : 1)).map(([state]) => state);
  const shown = usual ? way : [...reached.filter((state) => state !== now), now];
  const at = shown.indexOf(now);
  return (
    <div class="delivery-way-row">
      <h3>{name}</h3>
      <ol class="delivery-way">
        {shown.map((state, index) => {
          const time = times[state];
          const past = index <= at;
          return (
            <li key={state} class={past && (time || index === at) ? "reached" : ""} aria-current={index === at ? "step" : undefined}>
              <span>{words[state] ?? state}</span>
              {past && time ? <time dateTime={time}>{format.clock(time)}</time> : <span class="soft">{past ? "–" : t.notYet}</span>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

const ENDS = ["failed", "returning", "returned", "cancelled"];
const isOfMachine = (state: string, way: string[]): boolean => way === CARRIAGE && ENDS.includes(state);

function About({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useTexts({ en, zh });
  const names = useStoreNames([delivery.store]);
  const { recipient, payer, gift, surprise, card, wishes } = delivery.details;
  const rows: [string, ComponentChildren][] = [
    [t.store, names[delivery.store] ?? delivery.store], [t.promised, t.dueAt(format.moment(delivery.wanted_from), format.time(delivery.wanted_until))],
    [t.recipient, recipient.name], [t.phone, recipient.phone], [t.address, recipient.address], [t.payer, payer.name ?? payer.phone],
    [t.gift, gift && t.giftYes], [t.surprise.split(/[:：]/)[0] ?? "", surprise && t.surprise], [t.card, card], [t.wishes, wishes], [t.parcels, delivery.parcels && format.number(delivery.parcels)], [t.parcelsMissing, delivery.parcels_missing?.join(", ")],
    [t.page, delivery.link && <a href={delivery.link} target="_blank" rel="noreferrer">{t.openPage}</a>],
    [t.number, may("orders:read", delivery.store) && <Link to={`/orders/${delivery.order}`}>{t.theOrder}</Link>],
  ];
  return <Facts rows={rows.filter(([, value]) => Boolean(value))} />;
}

function Lines({ lines }: { lines: Line[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <ul class="delivery-lines">
      {lines.map((line) => (
        <li key={line.id}>
          <strong>{`${format.number(line.quantity)} × ${line.name}${line.size ? ` ${line.size}` : ""}`}</strong>
          {line.options.length > 0 && <span class="soft">{` ${line.options.join(", ")}`}</span>}
          {line.note && <em>{` ${line.note}`}</em>}
          {line.missing > 0 && <> <State tone="bad">{t.missing(format.number(line.missing))}</State></>}
        </li>
      ))}
    </ul>
  );
}
