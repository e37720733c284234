// The courier's page: shift and break, offers, and one order from the store to the door.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Empty } from "../console/kit/feedback";
import type { Tone } from "../console/kit/tones";
import { duration, number, time } from "../console/kit/format";
import { act, courier, deliveries } from "./deliveries";
import { Finish } from "./finish";
import { AT_WORK, UNDERWAY, expectedOf, metres, type Action, type Courier, type Delivery } from "./model";
import { PickUp } from "./parcels";
import { Big, Head, Row, Wishes } from "./parts";
import { keep } from "./outbox";
import { here, locating, look } from "./places";
import { Talk } from "./talk";
import { useWords } from "./texts";

const TONES: Partial<Record<Delivery["carriage"], Tone>> = { offered: "wait", delivered: "good", failed: "bad", returning: "bad", arrived: "good" };
const toneOf = (delivery: Delivery): Tone => TONES[delivery.carriage] ?? "info";
const NEAR = 300; // metres
const [BREAK, HOUR] = [15 * 60_000, 60 * 60_000];

/** The time, anew each second while something runs out. */
function useNow(runs: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}

export function CourierList(): JSX.Element {
  const t = useWords();
  const me = courier.value;
  if (!me) return <Empty title={t.notCourier} hint={t.notCourierHint} icon="people" />;
  const own = deliveries.value.filter((one) => one.courier === me.id && one.carriage !== "cancelled");
  const offers = own.filter(({ carriage }) => carriage === "offered");
  const mine = own.filter(({ carriage }) => carriage !== "offered").sort((one, other) => Number(UNDERWAY.includes(other.carriage)) - Number(UNDERWAY.includes(one.carriage)) || one.wanted_until.localeCompare(other.wanted_until));
  const free = me.on_shift ? deliveries.value.filter((one) => one.carriage === "unassigned" && me.stores.includes(one.store)) : [];
  return (
    <>
      <Shift me={me} />
      <Locating />
      {offers.length > 0 && <List title={t.offers} list={offers} />}
      {mine.length > 0 && <List title={t.mine} list={mine} />}
      {free.length > 0 && <List title={t.free} list={free} />}
      {!offers.length && !mine.length && !free.length && <Empty title={t.nothingToCarry} hint={t.nothingToCarryHint} icon="check" />}
    </>
  );
}

function List({ title, list }: { title: string; list: Delivery[] }): JSX.Element {
  const t = useWords();
  return (
    <section>
      <h2>{title}</h2>
      <ul class="deliveries">
        {list.map((delivery) => (
          <Row key={delivery.id} delivery={delivery} state={t.carriage[delivery.carriage]} tone={toneOf(delivery)}>
            {delivery.details.recipient.address && <span>{delivery.details.recipient.address}</span>}
          </Row>
        ))}
      </ul>
    </section>
  );
}

function Shift({ me }: { me: Courier }): JSX.Element {
  const t = useWords();
  const [hours, setHours] = useState("8");
  const pause = me.break_until && new Date(me.break_until).getTime() > Date.now() ? me.break_until : null;
  const say = (body: Record<string, unknown>) => void keep({ kind: "shift", delivery: null, number: null, body });
  const inSome = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
  if (!me.on_shift) {
    return (
      <section class="card">
        <p>{t.shiftOff}</p>
        <label class="field"><span>{t.shiftHours}</span>
          <select value={hours} onChange={(event) => setHours(event.currentTarget.value)}>{["2", "4", "6", "8", "10", "12"].map((one) => <option key={one} value={one}>{one}</option>)}</select>
        </label>
        <Big kind="main" icon="play" onPress={() => say({ shift_until: inSome(Number(hours) * HOUR) })}>{t.shiftBegin}</Big>
      </section>
    );
  }
  return (
    <section class="card shift">
      <p>{pause ? t.breakUntil(time(pause)) : me.shift_until && t.shiftUntil(time(me.shift_until))}</p>
      <div class="pair">
        {pause
          ? <Big kind="main" onPress={() => say({ break_until: inSome(-1_000) })}>{t.breakEnd}</Big>
          : <Big icon="pause" onPress={() => say({ break_until: inSome(BREAK) })}>{t.breakBegin}</Big>}
        <Big onPress={() => say({ shift_until: inSome(-1_000) })}>{t.shiftEnd}</Big>
      </div>
    </section>
  );
}

function Locating(): JSX.Element {
  const t = useWords();
  return <div role="status">{locating.value === "denied" ? <p class="failure">{t.noPlace}</p> : locating.value === "lost" ? <p class="offline">{t.lostPlace}</p> : null}</div>;
}

export function CourierOrder({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const isAtDoor = delivery.carriage === "arrived";
  const isMine = delivery.courier === courier.value?.id;
  return (
    <article class="detail">
      <Head delivery={delivery} state={t.carriage[delivery.carriage]} tone={toneOf(delivery)} />
      <Locating />
      {(delivery.carriage === "offered" || delivery.carriage === "unassigned") && <Offer delivery={delivery} />}
      {!isAtDoor && <Next delivery={delivery} />}
      <Door delivery={delivery} />
      <Wishes delivery={delivery} />
      {isAtDoor && <Next delivery={delivery} />}
      {isMine && delivery.carriage !== "offered" && <Talk delivery={delivery} party="courier" to={["customer", "desk", "packer"]} />}
    </article>
  );
}

function Offer({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const isOffer = delivery.carriage === "offered";
  const now = useNow(isOffer);
  const left = delivery.offered_until ? Math.round((new Date(delivery.offered_until).getTime() - now) / 1_000) : null;
  const why = (t.why as Record<string, string>)[delivery.why.code ?? ""];
  const later = delivery.why.minutes_later;
  const press = (action: Action) => () => {
    void act(delivery, action, expectedOf(action, delivery));
    if (action === "decline") location.hash = "#/";
  };
  return (
    <section class="card offer">
      {isOffer && <h2>{t.offer}</h2>}
      {isOffer && left !== null && <p class={left < 15 ? "bad-text" : ""}>{left > 0 ? t.offerEnds(duration(left)) : t.offerOver}</p>}
      {why && <div><h3>{t.whyMe}</h3><p>{why}{later && later > 0 ? ` ${t.minutesLater(Math.round(later))}` : ""}</p></div>}
      <div class="pair">
        <Big kind="main" icon="check" onPress={press("accept")}>{t.accept}</Big>
        {isOffer && <Big onPress={press("decline")}>{t.decline}</Big>}
      </div>
    </section>
  );
}

function Door({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const { name, address, phone, lat, lon } = delivery.details.recipient;
  const door = lat !== null && lon !== null ? { lat, lon } : null;
  const way = door && here.value && UNDERWAY.includes(delivery.carriage) ? metres(door, here.value) : null;
  const target = door ? `geo:${door.lat},${door.lon}?q=${door.lat},${door.lon}` : address ? `geo:0,0?q=${encodeURIComponent(address)}` : "";
  return (
    <section class="card">
      <h2>{t.to}</h2>
      {name && <p><b>{name}</b></p>}
      {address && <p class="address">{address}</p>}
      {way !== null && way < NEAR && <p class="note" role="status">{t.near(`${number(Math.round(way / 10) * 10)} m`)}</p>}
      <div class="pair">
        {target && <a class="button big" href={target}>{t.navigate}</a>}
        {phone && <a class="button big" href={`tel:${phone.replaceAll(/[^+\d]/g, "")}`}>{t.call}</a>}
      </div>
    </section>
  );
}

/** The next step, as one large button. */
function Next({ delivery }: { delivery: Delivery }): JSX.Element | null {
  const t = useWords();
  const press = (action: Action, body: Record<string, unknown> = {}) => () => {
    void act(delivery, action, expectedOf(action, delivery), body);
    look();
  };
  const pickUp = <PickUp key={delivery.id} delivery={delivery} onPickUp={(body) => press("pick_up", body)()} />;
  switch (delivery.carriage) {
    case "accepted":
      return <section class="card"><Big kind="main" icon="store" onPress={press("arrive_at_store")}>{t.atStore}</Big>{delivery.goods === "packed" && pickUp}<Big onPress={press("decline")}>{t.decline}</Big></section>;
    case "at_store":
      return <section class="card">{pickUp}</section>;
    case "picked_up":
      return <section class="card"><Big kind="main" icon="next" onPress={press("set_off")}>{t.setOff}</Big></section>;
    case "on_the_way":
      return <section class="card"><Big kind="main" icon="check" onPress={press("arrive")}>{t.arrived}</Big></section>;
    case "arrived":
      return <Finish key={delivery.id} delivery={delivery} />;
    case "failed":
      return <section class="card"><Big kind="main" icon="back" onPress={press("return")}>{t.bringBack}</Big></section>;
    case "returning":
      return <section class="card"><p class="note">{t.returning}</p></section>;
    default:
      return null;
  }
}

export const hasWork = (): boolean => deliveries.value.some((one) => one.courier === courier.value?.id && AT_WORK.includes(one.carriage));
