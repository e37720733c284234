// Deliveries, couriers and stores as the API has them, and what the board makes of them.
import { session, type Tone } from "../../kit";

export interface Place {
  lat: number;
  lon: number;
}

export interface Line {
  id: string;
  name: string;
  size: string | null;
  options: string[];
  quantity: number;
  note: string | null;
  missing: number;
}

export interface Proof {
  kind: string;
  state: string;
  reason: string | null;
  at: string | null;
}

export interface Delivery {
  id: string;
  order: string;
  store: string;
  number: number;
  goods: string;
  carriage: string;
  courier: string | null;
  details: {
    recipient: { name: string | null; phone: string | null; address: string | null; lat: number | null; lon: number | null };
    payer: { name: string | null; phone: string | null };
    gift: boolean;
    surprise: boolean;
    card: string | null;
    wishes: string | null;
  };
  lines: Line[];
  parcels: number | null;
  parcels_missing?: string[];
  proof: Record<string, unknown>;
  proofs?: Proof[];
  times: Record<string, string>;
  wanted_from: string;
  wanted_until: string;
  ready_at: string;
  offered_until: string | null;
  why: { code?: string; needs_person?: boolean; next_courier?: string | null; minutes_later?: number | null };
  link: string | null;
  revision: number;
  created_at: string;
  ended_at: string | null;
}

export interface Courier {
  id: string;
  name: string;
  phone: string | null;
  client: string | null;
  vehicle: string;
  capacity: number;
  stores: string[];
  shift_from: string | null;
  shift_until: string | null;
  break_until: string | null;
  on_shift: boolean;
  load: number;
  place: (Place & { accuracy: number; at: string }) | null;
  fleet: string | null; // the outside fleet that sent the courier
}

export interface StoreSettings {
  store: string;
  lat: number | null;
  lon: number | null;
  map_system: string;
  prepare_minutes: number;
  promise_minutes: number;
  window_minutes: number;
  offer_seconds: number;
  automatic: boolean;
  fixed_courier: string | null;
  needs_pin: boolean;
  pilot_from: string | null;
  fleet_rule: FleetRule | null;
  map_tiles: MapTiles | null;
}

/** Tiles of an outside host, behind the customer's map. */
export interface MapTiles {
  url: string; // with {z}, {x} and {y}
  attribution: string;
  most_zoom: number;
}

export interface FleetRule {
  fleet: string;
  phone: string;
  address: string;
  fleet_store_id: string | null;
  note: string | null;
  always: boolean;
  beyond_metres: number | null;
  hours: { begin: string; end: string }[];
  no_courier_minutes: number | null;
  most_price: number | null; // minor units
  value: number;
}

/** An account at an outside fleet. */
export interface Fleet {
  fleet: string;
  kind: string;
  settings: Record<string, string>;
  has_credentials: boolean;
  enabled: boolean;
  callback: string;
}

export interface FleetSetting {
  name: string;
  secret: boolean;
  help: string;
  default: string | null;
}

export interface FleetKind {
  kind: string;
  title: string;
  settings: FleetSetting[];
}

export interface Step {
  id: string;
  action: string;
  actor: string;
  expected: string | null;
  found: string;
  became: string | null;
  refusal: string | null;
  detail: string | null;
  happened_at: string;
  received_at: string;
}

export interface Message {
  id: string;
  seq: number;
  kind: string;
  at: string;
  sender: { party: string | null; name: string };
  to: string[];
  template: string;
  values: { text?: string; number?: number; reason?: string | null };
}

export interface Conversation {
  store: string;
  delivery: string;
  conversation: string;
  unread: number;
  last: Message;
}

export interface Unread {
  conversations: Conversation[];
  stores_left_out: number;
}

export const GOODS = ["to_pick", "picking", "packed", "handed"];
export const CARRIAGE = ["unassigned", "offered", "accepted", "at_store", "picked_up", "on_the_way", "arrived", "delivered"];
export const BEFORE_PICKUP = ["unassigned", "offered", "accepted", "at_store"];
export const UNDERWAY = ["picked_up", "on_the_way", "arrived"];

export const GOODS_TONES: Record<string, Tone> = { to_pick: "still", picking: "info", packed: "good", handed: "good", cancelled: "still" };
export const CARRIAGE_TONES: Record<string, Tone> = {
  unassigned: "wait", offered: "wait", accepted: "info", at_store: "info", picked_up: "info", on_the_way: "info", arrived: "info",
  delivered: "good", failed: "bad", returning: "bad", returned: "still", cancelled: "still",
};

// The groups of the board, by what the desk must do: trouble first.
export const GROUPS: [string, string[]][] = [
  ["trouble", ["failed", "returning"]],
  ["waiting", ["unassigned"]],
  ["offered", ["offered"]],
  ["pickup", ["accepted", "at_store"]],
  ["underway", UNDERWAY],
];

export const SOON = 10 * 60_000; // milliseconds before the promised end from which a delivery is urgent

export type Lateness = "late" | "soon" | "in_time";

export function lateness({ wanted_until, ended_at }: Pick<Delivery, "wanted_until" | "ended_at">, now: number): Lateness {
  const left = new Date(wanted_until).getTime() - (ended_at ? new Date(ended_at).getTime() : now);
  return left < 0 ? "late" : left < SOON && !ended_at ? "soon" : "in_time";
}

/** The deliveries of a group: the one that was promised first stands first, so late ones stand above the others. */
export function ofGroup(deliveries: Delivery[], states: string[]): Delivery[] {
  return deliveries.filter(({ carriage }) => states.includes(carriage)).sort((one, other) => (one.wanted_until < other.wanted_until ? -1 : 1));
}

/** How a courier can take orders now. */
export function duty(courier: Courier, now: number): "off" | "break" | "full" | "free" {
  if (!courier.on_shift) return "off";
  if (courier.break_until && new Date(courier.break_until).getTime() > now) return "break";
  return courier.load >= courier.capacity ? "full" : "free";
}

const DUTY_ORDER = { free: 0, full: 1, break: 2, off: 3 };

/** Couriers of a store, those who can take orders first. Without a store: all. */
export function ofStore(couriers: Courier[], store: string, now: number): Courier[] {
  const rank = (courier: Courier) => DUTY_ORDER[duty(courier, now)];
  return couriers.filter(({ stores }) => !store || stores.includes(store)).sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

export const doorOf = ({ details: { recipient } }: Delivery): Place | null =>
  recipient.lat !== null && recipient.lon !== null ? { lat: recipient.lat, lon: recipient.lon } : null;

/** Accounts at fleets are of the whole chain. */
export const manageWholeChain = (): boolean => (session.value?.grants ?? []).some(({ right, level }) => right === "delivery:manage" && level === "chain");

export const storePlace = ({ lat, lon }: StoreSettings): Place | null => (lat !== null && lon !== null ? { lat, lon } : null);

const METRES = 111_320; // of a degree of latitude

export interface Projection {
  at: (place: Place) => { x: number; y: number };
  metres: number; // of one pixel
}

/** A plane for some kilometres: metres east and south of the middle, so that all places fit into the frame. */
export function projection(places: Place[], width: number, height: number, margin: number): Projection {
  const lats = places.map(({ lat }) => lat);
  const lons = places.map(({ lon }) => lon);
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
  const east = METRES * Math.cos((middle.lat * Math.PI) / 180);
  const wide = Math.max((Math.max(...lons) - Math.min(...lons)) * east, 400);
  const high = Math.max((Math.max(...lats) - Math.min(...lats)) * METRES, 300);
  const metres = Math.max(wide / (width - 2 * margin), high / (height - 2 * margin));
  return { metres, at: ({ lat, lon }) => ({ x: width / 2 + ((lon - middle.lon) * east) / metres, y: height / 2 - ((lat - middle.lat) * METRES) / metres }) };
}

/** A round length of at most so many metres: 1, 2 or 5 with zeros. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([5, 2, 1].find((step) => step * power <= most) ?? 1);
}
