// One open delivery on the board: what, where to, until when, by whom and why, and its buttons.
import type { JSX } from "preact";
import { type StoreNames, Action, Link, Row, State, format, may, useTexts } from "../../kit";
import { act } from "./actions";
import { AssignButton } from "./assign";
import en from "./en";
import { BEFORE_PICKUP, GOODS_TONES, CARRIAGE_TONES, lateness, type Courier, type Delivery, type Unread } from "./model";
import { unreadOf } from "./unread";
import zh from "./zh";

export interface CardProps {
  delivery: Delivery;
  couriers: Courier[];
  names: StoreNames | null; // of stores, where the board shows several
  unread: Unread | undefined;
  now: number;
  onDrag: (delivery: Delivery | null) => void;
  after: () => void;
}

export function DeliveryCard({ delivery, couriers, names, unread, now, onDrag, after }: CardProps): JSX.Element {
  const t = useTexts({ en, zh });
  const state = lateness(delivery, now);
  const manages = may("delivery:manage", delivery.store);
  const movable = manages && BEFORE_PICKUP.includes(delivery.carriage);
  const news = unreadOf(unread, delivery.id);
  const courier = couriers.find(({ id }) => id === delivery.courier);
  const start = (event: DragEvent) => {
    event.dataTransfer?.setData("text/plain", delivery.id);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
    onDrag(delivery);
  };
  return (
    <li class={`delivery-card ${state}`} data-delivery={delivery.id} draggable={movable} onDragStart={start} onDragEnd={() => onDrag(null)}>
      <p class="delivery-card-head">
        <Link to={`/delivery/${delivery.id}`}>{t.order(delivery.number)}</Link>
        <Due delivery={delivery} now={now} />
      </p>
      <p class="delivery-where">{[names && (names[delivery.store] ?? delivery.store), delivery.details.recipient.address ?? delivery.details.recipient.name].filter(Boolean).join(" → ")}</p>
      <Row>
        <State tone={GOODS_TONES[delivery.goods] ?? "still"}>{t.goods[delivery.goods] ?? delivery.goods}</State>
        {delivery.courier && <State tone={CARRIAGE_TONES[delivery.carriage] ?? "still"} icon="people">{`${courier?.name ?? delivery.courier} · ${t.carriage[delivery.carriage] ?? delivery.carriage}`}</State>}
        {delivery.details.gift && <State tone="still" icon="ticket">{t.gift}</State>}
        {news > 0 && <State tone="info" icon="chat">{t.unread(format.number(news))}</State>}
      </Row>
      <Why delivery={delivery} couriers={couriers} />
      {movable && (
        <p class="delivery-buttons">
          <AssignButton delivery={delivery} couriers={couriers} now={now} after={after} />
          {delivery.courier && <Action small kind="quiet" act={(key) => act(delivery, "unassign", key)} done={t.takenBack(delivery.number)} after={after} label={t.of(t.takeBack, delivery.number)}>{t.takeBack}</Action>}
        </p>
      )}
    </li>
  );
}

/** How much of the promised time is left, or by how much it is over. */
export function Due({ delivery, now }: { delivery: Delivery; now: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const state = lateness(delivery, now);
  const left = (new Date(delivery.wanted_until).getTime() - now) / 1_000;
  const minutes = format.duration(Math.max(60, Math.floor(Math.abs(left) / 60) * 60));
  if (state === "late") return <State tone="bad">{t.lateBy(minutes)}</State>;
  if (state === "soon") return <State tone="wait">{t.dueIn(minutes)}</State>;
  return <span class="soft">{t.by(format.time(delivery.wanted_until))}</span>;
}

/** Why this courier, or why none yet. */
export function Why({ delivery, couriers }: { delivery: Delivery; couriers: Courier[] }): JSX.Element | null {
  const t = useTexts({ en, zh });
  const { code, needs_person, next_courier, minutes_later } = delivery.why;
  if (!code || !BEFORE_PICKUP.includes(delivery.carriage)) return null;
  const next = couriers.find(({ id }) => id === next_courier)?.name ?? next_courier;
  const minutes = typeof minutes_later === "number" ? format.number(Math.abs(minutes_later), 1) : null;
  const compared = next && minutes ? (Number(minutes_later) < 0 ? t.nextEarlier(next, minutes) : t.nextCourier(next, minutes)) : "";
  return (
    <p class={needs_person ? "delivery-why bad" : "delivery-why soft"}>
      {needs_person && <State tone="bad">{t.needsPerson}</State>} {t.whys[code] ?? code}{compared && ` · ${compared}`}
    </p>
  );
}
