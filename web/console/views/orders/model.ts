// Orders as /v1/console/orders has them.
import type { Tone } from "../../kit";
import type { Job } from "../../parts/jobs";

export interface OrderRow {
  id: string;
  store: string;
  number: string;
  pickup_number: number;
  source: { kind: string; id: string };
  business_day: string;
  table: string | null;
  payment: string;
  fulfilment: string;
  bill: string;
  total: number;
  paid: number;
  refunded: number;
  currency: string;
  placed_at: string;
  received_at: string;
  differs: boolean;
  found_by?: string;
}

export interface Line {
  id?: string;
  name: string;
  size: string | null;
  options: { name: string; quantity?: number }[];
  quantity: number;
  amount: number;
  note: string | null;
  parts?: { name: string; size?: string | null }[];
}

export interface Order {
  id: string;
  store: string;
  source: { kind: string; id: string; number: string };
  pickup_number: number;
  business_day: string;
  service: string;
  table: string | null;
  guest: { member?: string | null; name?: string | null; phone?: string | null; address?: string | null } | null;
  lines: Line[];
  discounts: { code: string; amount: number }[];
  subtotal: number;
  service_charge: number;
  delivery_charge: number;
  tax: number;
  total: number;
  tip?: number;
  currency: string;
  payment: string;
  fulfilment: string;
  paid: number;
  refunded: number;
  refund_due: number;
  placed_at: string;
  wanted_for: string | null;
  note?: string | null;
  bill?: string;
}

export interface Step {
  at: string;
  kind: string;
  type: string;
  subject: string;
  message: string;
  facts: Record<string, string | number | boolean | null>;
  data: unknown;
}

export interface OrderDocument {
  system: string;
  kind: string;
  goal: string;
  state: string;
  cause: string | null;
  reason: string | null;
  number: string | null;
  of_day: boolean;
  at: string;
}

export interface OrderDetail {
  order: Order;
  payment_states: { state: string; at: string }[];
  fulfilment_states: { state: string; at: string }[];
  timeline: Step[];
  jobs: Job[];
  documents: OrderDocument[];
}

export const PAYMENT_TONES: Record<string, Tone> = { unpaid: "wait", part_paid: "wait", paid: "good", part_refunded: "info", refunded: "still" };
export const STATE_TONES: Record<string, Tone> = { placed: "wait", accepted: "info", preparing: "info", ready: "good", handed_over: "still", cancelled: "bad" };
export const DOCUMENT_TONES: Record<string, Tone> = { pending: "wait", sending: "wait", doubtful: "wait", done: "good", parked: "bad" };
/** The usual way of an order; a cancelled one leaves it. */
export const WAY = ["placed", "accepted", "preparing", "ready", "handed_over"];
