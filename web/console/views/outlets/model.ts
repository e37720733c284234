// Outlets, their notices, robots and announcements as /v1/outlets has them.
import { session, type Tone } from "../../kit";

export interface Step {
  action: string;
  due_at: string;
  state: "due" | "done" | "ended";
  done_at: string | null;
}

export interface Message {
  robot: string;
  kind: string;
  state: string;
  again: boolean;
  attempts: number;
  failure: string | null;
  detail: string | null;
  address: string;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
}

export interface Notice {
  notice: string;
  outlet: string;
  order: string;
  number: string | null;
  version: number;
  state: string;
  evidence: string | null;
  created_at: string;
  limit_at: string;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  ended_at: string | null;
  ready_minutes: number | null;
  reason: string | null;
  answered_by: string | null;
  timezone: string | null;
  steps: Step[];
  messages: Message[];
}

export interface NoticeDetail extends Notice {
  text: string | null;
}

export interface Robot {
  robot: string;
  channel: string;
  enabled: boolean;
  state: "working" | "failing";
  failure: string | null;
  failing_since: string | null;
  not_before: string | null;
  looked_at: string | null;
  answered_at: string | null;
  answer: string | null;
}

export interface RobotHealth {
  robot: Robot;
  paces: { seconds: number; slots: number; used: number }[];
  orders_waiting: number;
  announcements_waiting: number;
}

export interface Alert {
  kind: string;
  subject: string;
  detail: string;
  began_at: string;
}

export interface Health {
  alerts: Alert[];
  robots: RobotHealth[];
}

export interface Chat {
  robot: string;
  channel: string | null;
  address: string;
  state: "alive" | "dead";
  failure: string | null;
  failing_since: string | null;
  looked_at: string | null;
  robot_state: "working" | "failing" | null;
}

export interface Rules {
  language: string;
  again_seconds: number | null;
  call_seconds: number | null;
  second_seconds: number | null;
  head_office_seconds: number | null;
  limit_seconds: number;
  automatic: string;
  automatic_before_seconds: number;
  ready_minutes: number[];
  quiet_from: string | null;
  quiet_until: string | null;
  holidays: string[];
}

export interface Outlet {
  outlet: string;
  enabled: boolean;
  revision: number;
  chats: Chat[];
  applied: Rules;
  timezone: string;
}

export interface Person {
  person: string;
  name: string;
  role: string;
  robot: string;
  address: string;
  outlet: string | null;
  first_day: string | null;
  last_day: string | null;
  on_call: boolean;
}

export interface Missing {
  name: string;
  help: string;
  subject: string | null;
}

export interface Announcement {
  announcement: string;
  state: "scheduled" | "sending" | "paused" | "done" | "cancelled";
  starts_at: string;
  created_at: string;
  messages: Record<string, number>;
  previews: Record<string, string>;
  attachments: { title: string; url: string; media_type: string }[];
  segment: { regions: string[]; stores: string[] };
}

export interface Receipt {
  outlet: string;
  state: string;
  failure: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
}

export interface GuestRule {
  rule: string;
  settings: { robot: string; cause: string; template: string; enabled: boolean };
}

export interface PushCount {
  rule: string;
  state: string;
  reason: string | null;
  pushes: number;
  last_at: string;
}

export interface Push {
  push: string;
  account: string;
  rule: string;
  state: string;
  reason: string | null;
  caused_at: string;
  sent_at: string | null;
  settled_at: string | null;
}

export interface GuestReport {
  since: string;
  counts: PushCount[];
  consents: { template: string; free: number; guests: number }[];
  newest: Push[];
}

export const LIVE = { live: { topics: ["outlets"] } };

export const NOTICE_TONES: Record<string, Tone> = {
  queued: "wait", unknown: "bad", sent: "info", undelivered: "bad", delivered: "info", read: "info",
  confirmed: "good", declined: "bad", expired: "still", cancelled: "still",
};
export const MESSAGE_TONES: Record<string, Tone> = {
  waiting: "wait", sending: "wait", unknown: "bad", sent: "info", delivered: "good", read: "good", failed: "bad", ended: "still",
};
export const ANNOUNCEMENT_TONES: Record<Announcement["state"], Tone> = {
  scheduled: "wait", sending: "info", paused: "still", done: "good", cancelled: "still",
};

export const PUSH_TONES: Record<string, Tone> = {
  waiting: "wait", sending: "wait", unknown: "bad", sent: "info", shown: "good", failed: "bad", dropped: "still",
};
/** Pushes that did not reach the guest, or may not have. */
export const failures = ({ counts }: GuestReport): PushCount[] =>
  counts.filter(({ state }) => ["failed", "unknown", "dropped"].includes(state)).sort((one, other) => other.pushes - one.pushes);
/** Pushes of a rule: all, and those that the service took. */
export const pushesOf = ({ counts }: GuestReport, rule: string): { all: number; taken: number } => {
  const own = counts.filter((count) => count.rule === rule);
  const sum = (states?: string[]): number => own.reduce((total, { state, pushes }) => total + (!states || states.includes(state) ? pushes : 0), 0);
  return { all: sum(), taken: sum(["sent", "shown"]) };
};

const OPEN = ["queued", "unknown", "sent", "undelivered", "delivered", "read"];
const OUT = ["sent", "delivered", "read"];

export const isOpen = (notice: Notice): boolean => OPEN.includes(notice.state);
export const nextStep = (notice: Notice): Step | undefined => notice.steps.find(({ state }) => state === "due");
/** Whether a step was made already. */
export const escalates = (notice: Notice): boolean => notice.steps.some(({ state }) => state === "done");
export const lastStep = (notice: Notice): Step | undefined => notice.steps.filter(({ state }) => state === "done").at(-1);

const count = (messages: Record<string, number>, states: string[]): number => states.reduce((sum, state) => sum + (messages[state] ?? 0), 0);
/** Messages of an announcement: all, those that were sent, those that were read, and those that failed. */
export const progress = ({ messages }: Announcement): { all: number; sent: number; read: number; failed: number } => ({
  all: count(messages, Object.keys(messages)),
  sent: count(messages, OUT),
  read: count(messages, ["read"]),
  failed: count(messages, ["failed", "unknown"]),
});

/** Robots and announcements are of the chain: a person of a store does not see them. */
export const ofChain = (right: string): boolean => (session.value?.grants ?? []).some((grant) => grant.right === right && grant.level === "chain");

/** A word for a name of the API; the name itself where this version has none. */
export const wordOf = (words: Record<string, string>, name: string): string => words[name] ?? name;
