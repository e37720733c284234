// A delivery as the API gives it, and the moves that actions make: those of functions/delivery/states.py.
export type Goods = "to_pick" | "picking" | "packed" | "handed" | "cancelled";
export type Carriage = "unassigned" | "offered" | "accepted" | "at_store" | "picked_up" | "on_the_way" | "arrived" | "delivered" | "failed" | "returning" | "returned" | "cancelled";
export type ProofKind = "packed" | "photo" | "signature";

export interface Line {
  id: string;
  item: string;
  name: string;
  size: string | null;
  options: string[];
  quantity: number;
  note: string | null;
  missing: number;
}

export interface Delivery {
  id: string;
  order: string;
  chain: string;
  store: string;
  number: number;
  goods: Goods;
  carriage: Carriage;
  courier: string | null;
  details: {
    recipient: { name: string | null; phone: string | null; address: string | null; lat: number | null; lon: number | null };
    gift: boolean;
    surprise: boolean;
    card: string | null;
    wishes: string | null;
  };
  lines: Line[];
  parcels: number | null;
  parcel_codes?: string[];
  wanted_from: string;
  wanted_until: string;
  ready_at: string;
  offered_until: string | null;
  why: { code?: string; minutes_later?: number | null };
  proofs?: { kind: ProofKind; state: string; reason: string | null }[];
  revision: number;
}

/** Of the API: the courier who is signed in. */
export interface Courier {
  id: string;
  name: string;
  stores: string[];
  shift_until: string | null;
  break_until: string | null;
  on_shift: boolean;
}

export const GOODS_MOVES = {
  pick: { to_pick: "picking" },
  pack: { to_pick: "packed", picking: "packed" },
  unpack: { packed: "picking" },
} as const satisfies Record<string, Partial<Record<Goods, Goods>>>;

export const CARRIAGE_MOVES = {
  accept: { unassigned: "accepted", offered: "accepted" },
  decline: { offered: "unassigned", accepted: "unassigned" },
  arrive_at_store: { accepted: "at_store" },
  pick_up: { accepted: "picked_up", at_store: "picked_up" },
  set_off: { picked_up: "on_the_way" },
  arrive: { picked_up: "arrived", on_the_way: "arrived" },
  deliver: { picked_up: "delivered", on_the_way: "delivered", arrived: "delivered" },
  fail: { picked_up: "failed", on_the_way: "failed", arrived: "failed" },
  return: { failed: "returning" },
  take_back: { failed: "returned", returning: "returned" },
} as const satisfies Record<string, Partial<Record<Carriage, Carriage>>>;

export type Action = keyof typeof GOODS_MOVES | keyof typeof CARRIAGE_MOVES;
export const UNDERWAY: readonly Carriage[] = ["picked_up", "on_the_way", "arrived"];
/** The courier has something to do for it, so that the desk and the customer may need the place. */
export const AT_WORK: readonly Carriage[] = ["accepted", "at_store", ...UNDERWAY];

const isOfGoods = (action: Action): action is keyof typeof GOODS_MOVES => action in GOODS_MOVES;

/** The state that the person sees, and that the action is to find. */
export const expectedOf = (action: Action, delivery: Delivery): string => (isOfGoods(action) ? delivery.goods : delivery.carriage);

/** The delivery as it will stand after an action that has not been answered yet. An impossible action changes nothing. */
export function moved(delivery: Delivery, action: Action): Delivery {
  if (isOfGoods(action)) return { ...delivery, goods: (GOODS_MOVES[action] as Partial<Record<Goods, Goods>>)[delivery.goods] ?? delivery.goods };
  const after = (CARRIAGE_MOVES[action] as Partial<Record<Carriage, Carriage>>)[delivery.carriage];
  if (!after) return delivery;
  return { ...delivery, carriage: after, ...(action === "pick_up" ? { goods: "handed" as const } : {}) };
}

/** Metres between two places, on the sphere. */
export function metres(one: { lat: number; lon: number }, other: { lat: number; lon: number }): number {
  const rad = Math.PI / 180;
  const across = (other.lon - one.lon) * rad * Math.cos(((one.lat + other.lat) / 2) * rad);
  return 6_371_000 * Math.hypot(across, (other.lat - one.lat) * rad);
}
