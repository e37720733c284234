// The replies of /v1/jobs, and their words.
import { format } from "../../kit";
import type en from "./en";

export type Action = "announce" | "items_on" | "items_off" | "plan" | "run_timer";
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export type Unit = "day" | "week" | "month";
export type Status = "active" | "paused" | "ended" | "cancelled";
export type PlanKind = "closure" | "opening" | "promotion" | "event" | "school_holiday";
export const WEEKDAYS: Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export interface Repeat {
  every: Unit;
  interval: number;
  weekdays: Weekday[];
  last_day: boolean;
  until: string | null;
  count: number | null;
}

export interface Job {
  id: string;
  title: string;
  action: Action;
  details: { text?: string; items?: string[]; kind?: PlanKind; days?: number; timer?: string };
  stores: string[];
  when: { at: string; zone: string; repeat: Repeat | null };
  lasts_minutes: number | null;
  status: Status;
  coming: string[];
  open_until: string | null;
  revision: number;
  created_at: string;
  created_by: string;
  created_by_name: string | null;
  changed_at: string;
  changed_by: string;
  changed_by_name: string | null;
}

export interface JobRun {
  occurs_at: string;
  phase: "begin" | "end";
  ran_at: string;
  outcome: "done" | "failed" | "missed";
  error: string | null;
}

/** A local time without a zone, such as 2026-12-04T09:00. */
const localMoment = (at: string): string => format.moment(`${at}Z`, "UTC");

export function whenOf({ at, repeat }: Job["when"], t: typeof en): string {
  if (!repeat) return t.once(localMoment(at));
  const parts = [t.everyWords[repeat.every](repeat.interval)];
  if (repeat.weekdays.length) parts.push(t.on(repeat.weekdays.map((day) => t.weekdays[day]).join(", ")));
  if (repeat.last_day) parts.push(t.lastDay);
  parts.push(t.at(format.time(`${at}Z`, "UTC")));
  if (repeat.until) parts.push(t.until(format.day(repeat.until)));
  if (repeat.count) parts.push(t.times(repeat.count));
  return parts.join(" ");
}

export function detailOf({ action, details }: Job, t: typeof en, timerName: (timer: string) => string): string {
  if (action === "plan" && details.kind) return `${t.kinds[details.kind]}, ${t.days}: ${details.days ?? 1}`;
  return details.text ?? (details.timer ? timerName(details.timer) : (details.items ?? []).join(", "));
}
