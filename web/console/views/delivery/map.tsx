// A sketch of the city: stores, couriers at their last place, and doors. Shape and words tell them apart, not colour alone.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Card, Empty, type StoreNames, format, go, useTexts } from "../../kit";
import { useTarget } from "./couriers";
import en from "./en";
import { UNDERWAY, doorOf, lateness, projection, roundLength, storePlace, type Courier, type Delivery, type Place, type Projection, type StoreSettings } from "./model";
import zh from "./zh";

const OLD = 120_000; // milliseconds after which a place is shown as old
const MARGIN = 44;

export interface MapProps {
  stores: StoreSettings[];
  couriers: Courier[];
  deliveries: Delivery[];
  names: StoreNames;
  now: number;
  dragged: Delivery | null;
  onDrop: (courier: Courier) => void;
}

export function CityMap({ stores, couriers, deliveries, names, now, dragged, onDrop }: MapProps): JSX.Element {
  const t = useTexts({ en, zh });
  const { frame, width } = useWidth();
  const placed = stores.flatMap((store) => { const at = storePlace(store); return at ? [{ store, at }] : []; });
  const riders = couriers.filter(({ place }) => place !== null);
  const doors = deliveries.flatMap((delivery) => { const at = doorOf(delivery); return at ? [{ delivery, at, late: lateness(delivery, now) === "late" }] : []; });
  const places: Place[] = [...placed.map(({ at }) => at), ...riders.map(({ place }) => place as Place), ...doors.map(({ at }) => at)];
  const unknown = deliveries.length - doors.length;
  const height = Math.round(Math.max(240, Math.min(420, width * 0.62)));
  const plane = places.length ? projection(places, width, height, MARGIN) : null;
  const label = t.mapOf(String(placed.length), String(riders.length), String(doors.length), String(doors.filter(({ late }) => late).length));
  return (
    <Card title={t.map} note={t.mapNote}>
      <div ref={frame} class="delivery-map">
        {!plane && <Empty icon="map" title={t.noPlaces} hint={t.noPlacesHint} />}
        {plane && (
          <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
            {doors.map(({ delivery, at }) => <Way key={delivery.id} delivery={delivery} door={at} riders={riders} plane={plane} />)}
            {placed.map(({ store, at }) => <StoreMark key={store.store} name={names[store.store] ?? store.store} {...plane.at(at)} />)}
            {doors.map(({ delivery, at, late }) => <DoorMark key={delivery.id} delivery={delivery} late={late} {...plane.at(at)} />)}
            {riders.map((courier) => <CourierMark key={courier.id} courier={courier} now={now} plane={plane} dragged={dragged} onDrop={onDrop} />)}
            <Scale metres={plane.metres} height={height} />
          </svg>
        )}
      </div>
      {plane && <Legend />}
      {unknown > 0 && <p class="soft small">{t.doorUnknown(format.number(unknown))}</p>}
    </Card>
  );
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (!frame.current) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, Math.floor(entry.contentRect.width))));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return { frame, width };
}

/** From the courier to the door, while the goods are on the way. */
function Way({ delivery, door, riders, plane }: { delivery: Delivery; door: Place; riders: Courier[]; plane: Projection }): JSX.Element | null {
  const from = UNDERWAY.includes(delivery.carriage) ? riders.find(({ id }) => id === delivery.courier)?.place : null;
  if (!from) return null;
  const [one, other] = [plane.at(from), plane.at(door)];
  return <line class="delivery-line" x1={one.x} y1={one.y} x2={other.x} y2={other.y} />;
}

const StoreMark = ({ name, x, y }: { name: string; x: number; y: number }): JSX.Element => (
  <g class="delivery-store" transform={`translate(${x} ${y})`}>
    <rect x={-9} y={-9} width={18} height={18} rx={3} />
    <text y={-14}>{name}</text>
  </g>
);

function DoorMark({ delivery, late, x, y }: { delivery: Delivery; late: boolean; x: number; y: number }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <g class={`delivery-door ${late ? "late" : ""}`} transform={`translate(${x} ${y})`} onClick={() => go(`/delivery/${delivery.id}`)}>
      <title>{`${t.order(delivery.number)}${late ? ` · ${t.late}` : ""}`}</title>
      <path d={late ? "M0-9 9 7H-9z" : "M0-7 7 0 0 7-7 0z"} />
      <text y={20}>{delivery.number}{late ? " !" : ""}</text>
    </g>
  );
}

function CourierMark({ courier, now, plane, dragged, onDrop }: { courier: Courier; now: number; plane: Projection; dragged: Delivery | null; onDrop: (courier: Courier) => void }): JSX.Element | null {
  const target = useTarget(courier, dragged, onDrop);
  if (!courier.place) return null;
  const { x, y } = plane.at(courier.place);
  const old = now - new Date(courier.place.at).getTime() > OLD;
  return (
    <g class={`delivery-rider ${old ? "old" : ""} ${target.over ? "over" : ""}`} transform={`translate(${x} ${y})`} {...target.handlers}>
      <title>{`${courier.name} · ${format.ago(courier.place.at, now)}`}</title>
      <circle r={11} />
      <text class="initial" y={4}>{courier.name.slice(0, 1)}</text>
      <text y={25}>{old ? `${courier.name}, ${format.ago(courier.place.at, now)}` : courier.name}</text>
    </g>
  );
}

function Scale({ metres, height }: { metres: number; height: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const length = roundLength(metres * 110);
  const wide = length / metres;
  return (
    <g class="delivery-scale" transform={`translate(12 ${height - 12})`}>
      <path d={`M0-5V0H${wide}V-5`} />
      <text x={wide + 6}>{length < 1_000 ? t.metres(format.number(length)) : t.kilometres(format.number(length / 1_000))}</text>
    </g>
  );
}

function Legend(): JSX.Element {
  const t = useTexts({ en, zh });
  const marks: [string, string, JSX.Element][] = [
    ["store", "delivery-store", <rect x={3} y={3} width={12} height={12} rx={2} />],
    ["courier", "delivery-rider", <circle cx={9} cy={9} r={7} />],
    ["old", "delivery-rider old", <circle cx={9} cy={9} r={7} />],
    ["door", "delivery-door", <path d="M9 3 15 9 9 15 3 9z" />],
    ["late", "delivery-door late", <path d="M9 2 16 15H2z" />],
  ];
  return (
    <ul class="delivery-legend">
      {marks.map(([name, style, mark]) => <li key={name}><svg width={18} height={18} aria-hidden="true"><g class={style}>{mark}</g></svg>{t.legend[name]}</li>)}
    </ul>
  );
}
