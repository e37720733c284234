// Couriers with shift, break, load and the age of their place. Each is a target for a dragged delivery.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Bar, Card, Empty, Loading, State, format, useTexts, type Tone } from "../../kit";
import en from "./en";
import { duty, type Courier, type Delivery } from "./model";
import zh from "./zh";

export const DUTY_TONES: Record<ReturnType<typeof duty>, Tone> = { free: "good", full: "wait", break: "still", off: "still" };

/** What makes an element a target for a dragged delivery that the courier may carry. */
export function useTarget(courier: Courier, dragged: Delivery | null, onDrop: (courier: Courier) => void) {
  const [over, setOver] = useState(false);
  const fits = dragged !== null && dragged.courier !== courier.id && courier.stores.includes(dragged.store);
  return {
    fits,
    over: over && fits,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!fits) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        if (fits) onDrop(courier);
      },
    },
  };
}

export function Couriers({ couriers, loaded, now, dragged, onDrop }: { couriers: Courier[]; loaded: boolean; now: number; dragged: Delivery | null; onDrop: (courier: Courier) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.couriers} note={t.couriersNote}>
      {!loaded && <Loading lines={3} />}
      {loaded && couriers.length === 0 && <Empty icon="people" title={t.noCouriers} hint={t.noCouriersHint} />}
      <ul class="delivery-couriers">{couriers.map((courier) => <CourierRow key={courier.id} courier={courier} now={now} dragged={dragged} onDrop={onDrop} />)}</ul>
    </Card>
  );
}

function CourierRow({ courier, now, dragged, onDrop }: { courier: Courier; now: number; dragged: Delivery | null; onDrop: (courier: Courier) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const target = useTarget(courier, dragged, onDrop);
  const state = duty(courier, now);
  return (
    <li class={`delivery-courier ${target.fits ? "fits" : ""} ${target.over ? "over" : ""}`} data-courier={courier.id} {...target.handlers}>
      <p class="delivery-card-head"><strong>{courier.name}</strong><State tone={DUTY_TONES[state]}>{t.duty[state]}</State></p>
      <Duty courier={courier} now={now} />
      {(courier.on_shift || courier.load > 0) && <Bar share={courier.load / courier.capacity} tone={courier.load >= courier.capacity ? "wait" : "info"} />}
      {target.over && <p class="delivery-drop">{t.drop(courier.name)}</p>}
    </li>
  );
}

/** Load, end of shift or break, vehicle, and the age of the place, in a line. */
export function Duty({ courier, now }: { courier: Courier; now: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const state = duty(courier, now);
  const coming = state === "off" && courier.shift_from && new Date(courier.shift_from).getTime() > now ? t.from(format.time(courier.shift_from)) : null;
  const until = state === "break" ? courier.break_until : state === "off" ? null : courier.shift_until;
  const facts = [
    t.load(format.number(courier.load), format.number(courier.capacity)),
    coming ?? (until && t.until(format.time(until))),
    t.vehicles[courier.vehicle] ?? courier.vehicle,
    courier.place ? t.placeAge(format.ago(courier.place.at, now)) : courier.on_shift && t.noPlace,
  ];
  return <p class="soft small">{facts.filter(Boolean).join(" · ")}</p>;
}
