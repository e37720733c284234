// The way without a drag: a dialog with all couriers of the store, each with its load, to assign or to offer.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Dialog, Empty, Row, State, useTexts } from "../../kit";
import { act } from "./actions";
import { DUTY_TONES, Duty } from "./couriers";
import en from "./en";
import { duty, type Courier, type Delivery } from "./model";
import zh from "./zh";

export interface AssignProps {
  delivery: Delivery;
  couriers: Courier[];
  now: number;
  after: () => void;
}

export function AssignButton({ delivery, couriers, now, after }: AssignProps): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const words = delivery.courier ? t.reassign : t.assign;
  const able = couriers.filter(({ id, stores }) => stores.includes(delivery.store) && id !== delivery.courier);
  const done = () => {
    setOpen(false);
    after();
  };
  return (
    <>
      <Button small kind={delivery.courier ? "plain" : "main"} onPress={() => setOpen(true)} label={t.of(words, delivery.number)}>{words}</Button>
      <Dialog open={open} title={t.assignTitle(delivery.number)} onClose={() => setOpen(false)}>
        {able.length === 0 ? <Empty icon="people" title={t.noCouriers} hint={t.noCouriersHint} /> : <p class="soft">{t.assignHint}</p>}
        <ul class="delivery-choices">
          {able.map((courier) => (
            <li key={courier.id}>
              <div><strong>{courier.name}</strong><Duty courier={courier} now={now} /></div>
              <Row>
                <State tone={DUTY_TONES[duty(courier, now)]}>{t.duty[duty(courier, now)]}</State>
                {delivery.carriage === "unassigned" && (
                  <Action small act={(key) => act(delivery, "offer", key, { courier: courier.id })} done={t.offered(delivery.number, courier.name)} after={done} label={t.to(t.offer, courier.name)}>{t.offer}</Action>
                )}
                <Action small kind="main" act={(key) => act(delivery, "assign", key, { courier: courier.id })} done={t.assigned(delivery.number, courier.name)} after={done} label={t.to(t.assign, courier.name)}>{t.assign}</Action>
              </Row>
            </li>
          ))}
        </ul>
      </Dialog>
    </>
  );
}
