// The fleet as /v1/console/fleet has it.
import type { Tone } from "../../kit";
import type { Job } from "../../parts/jobs";

export interface Agent {
  id: string;
  name: string;
  state: string;
  since: string | null;
  seen_at: string | null;
  version: string;
  platform: string;
  prints: boolean;
}

export interface Printer {
  id: string;
  state: string;
  since: string | null;
  backup: string | null;
  jobs_waiting: number;
  oldest_at: string | null;
}

export interface FleetStore {
  store: string;
  name: string;
  city: string | null;
  colour: "red" | "yellow" | "green";
  reasons: string[];
  since: string | null;
  agents: Agent[];
  printers: Printer[];
  jobs_waiting: number;
  oldest_at: string | null;
  jobs_for_person: number;
}

export interface City {
  city: string | null;
  stores: number;
  red: number;
  yellow: number;
  green: number;
}

export interface StoreDetail extends FleetStore {
  jobs: Job[];
}

export interface PrinterDay {
  store: string;
  printer: string;
  day: string;
  hours: { hour: number; printed: number; failed: number; waiting: number }[];
  printed: number;
  failed: number;
  slowest_ms: number | null;
  median_ms: number | null;
  jobs: Job[];
}

export const TONES: Record<FleetStore["colour"], Tone> = { red: "bad", yellow: "wait", green: "good" };

const RANK = { red: 0, yellow: 1, green: 2 };

/** The stores by city: the city with the worst store first, in it the worst store first. */
export function byCity(stores: FleetStore[]): [string | null, FleetStore[]][] {
  const cities = new Map<string | null, FleetStore[]>();
  for (const store of [...stores].sort((one, other) => RANK[one.colour] - RANK[other.colour])) cities.set(store.city, [...(cities.get(store.city) ?? []), store]);
  return [...cities];
}
