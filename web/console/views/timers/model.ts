// The replies of /v1/timers, and their words.
import { format } from "../../kit";
import type en from "./en";

export interface Words {
  code: "every_minutes" | "every_hours" | "every_days" | "daily_at";
  count: number | null;
  time: string | null;
}

export type Outcome = "running" | "done" | "failed" | "hung" | "skipped";

export interface Run {
  id: string;
  began_at: string;
  ended_at: string | null;
  seconds: number | null;
  outcome: Outcome;
  cause: "schedule" | "person";
  asked_by: string | null;
  asked_by_name: string | null;
  error: string | null;
}

export interface Timer {
  timer: string;
  concern: string;
  does: string;
  schedule: Words;
  schedule_of_template: Words;
  changed: boolean;
  bounds: { pausable: boolean; times_of_day: boolean; fastest_seconds: number | null; slowest_seconds: number | null };
  overlap: "skip" | "allow";
  time_limit_seconds: number;
  paused: boolean;
  paused_at: string | null;
  paused_by: string | null;
  paused_by_name: string | null;
  applied: boolean;
  next_at: string | null;
  last: Run | null;
  missed: number;
  failed: number;
  alerts: { id: string; kind: "late" | "hanging" | "failing"; since: string; acts: string }[];
}

export interface TimerList {
  zone: string;
  manages: boolean;
  refusal: "role" | "other_chains" | null; // why not
  timers: Timer[];
}

export interface OneTimer {
  zone: string;
  manages: boolean;
  refusal: "role" | "other_chains" | null; // why not
  timer: Timer;
}

/** Who it was: a person or a job of this chain by name, else in words. */
export const whoIs = (by: string | null, name: string | null, t: typeof en): string => name ?? (!by ? "" : by.startsWith("p-") ? t.otherPerson : by.startsWith("job ") ? t.otherJob : t.key(by));

export const wordsOf = ({ code, count, time }: Words, t: typeof en): string =>
  code === "daily_at" ? t.words.daily_at(time ?? "") : t.words[code](count ?? 1);

/** Minutes, hours or days, whichever divides the seconds. */
export function intervalOf(seconds: number): { count: number; unit: "minute" | "hour" | "day" } {
  if (seconds % 86_400 === 0) return { count: seconds / 86_400, unit: "day" };
  return seconds % 3_600 === 0 ? { count: seconds / 3_600, unit: "hour" } : { count: seconds / 60, unit: "minute" };
}

export function secondsIn(seconds: number, t: typeof en): string {
  const { count, unit } = intervalOf(seconds);
  return wordsOf({ code: `every_${unit}s`, count, time: null }, t);
}

export const took = (run: Run): string => (run.seconds === null ? "–" : run.seconds < 1 ? `${format.number(run.seconds * 1000)} ms` : format.duration(run.seconds));
