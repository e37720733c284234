// Open deliveries by group beside couriers and map. A delivery is dragged onto a courier, or given by its button.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, Empty, Failure, type Loaded, Loading, Row, State, type StoreNames, format, useTexts } from "../../kit";
import { useAssign } from "./actions";
import { DeliveryCard } from "./card";
import { Couriers } from "./couriers";
import en from "./en";
import { CityMap } from "./map";
import { GROUPS, lateness, ofGroup, ofStore, type Courier, type Delivery, type StoreSettings, type Unread } from "./model";
import { useNow } from "./now";
import zh from "./zh";

const MOST = 500;

export interface BoardProps {
  store: string;
  open: Loaded<{ deliveries: Delivery[] }>;
  couriers: Loaded<{ couriers: Courier[] }>;
  stores: StoreSettings[];
  names: StoreNames;
  unread: Unread | undefined;
}

export function Board({ store, open, couriers, stores, names, unread }: BoardProps): JSX.Element {
  const t = useTexts({ en, zh });
  const now = useNow();
  const [dragged, setDragged] = useState<Delivery | null>(null);
  const reload = () => {
    open.reload();
    couriers.reload();
  };
  const assign = useAssign(reload);
  const deliveries = open.data?.deliveries ?? [];
  const riders = ofStore(couriers.data?.couriers ?? [], store, now);
  const drop = (courier: Courier) => {
    if (dragged) void assign(dragged, courier);
    setDragged(null);
  };
  return (
    <>
      <Failure problem={open.problem ?? couriers.problem} retry={reload} />
      {!open.data && !open.problem && <Loading lines={8} />}
      {open.data && (
        <>
          <Summary deliveries={deliveries} now={now} />
          {deliveries.length === MOST && <p class="soft">{t.tooMany}</p>}
          <div class="delivery-board">
            <div class="delivery-groups">
              {deliveries.length === 0 && <Card><Empty icon="map" title={t.none} hint={t.noneHint} /></Card>}
              {GROUPS.map(([name, states]) => (
                <Group key={name} name={name} deliveries={ofGroup(deliveries, states)} couriers={riders} names={store ? null : names} unread={unread} now={now} onDrag={setDragged} after={reload} />
              ))}
            </div>
            <div class="delivery-side">
              <CityMap stores={stores.filter((one) => !store || one.store === store)} couriers={riders} deliveries={deliveries} names={names} now={now} dragged={dragged} onDrop={drop} />
              <Couriers couriers={riders} loaded={couriers.data !== undefined} now={now} dragged={dragged} onDrop={drop} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Summary({ deliveries, now }: { deliveries: Delivery[]; now: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const late = deliveries.filter((delivery) => lateness(delivery, now) === "late").length;
  const persons = deliveries.filter(({ why, carriage }) => (carriage === "unassigned" || carriage === "offered") && why.needs_person).length;
  return (
    <Row>
      <State tone={late ? "bad" : "still"}>{t.lateCount(format.number(late))}</State>
      <State tone={persons ? "wait" : "still"} icon="people">{t.personCount(format.number(persons))}</State>
    </Row>
  );
}

function Group({ name, deliveries, ...card }: { name: string; deliveries: Delivery[]; couriers: Courier[]; names: StoreNames | null; unread: Unread | undefined; now: number; onDrag: (delivery: Delivery | null) => void; after: () => void }): JSX.Element | null {
  const t = useTexts({ en, zh });
  if (!deliveries.length) return null;
  return (
    <section class="delivery-group" aria-label={t.groups[name] ?? name}>
      <h2>{t.groups[name] ?? name}<span class="count">{deliveries.length}</span></h2>
      <ul class="delivery-cards">{deliveries.map((delivery) => <DeliveryCard key={delivery.id} delivery={delivery} {...card} />)}</ul>
    </section>
  );
}
