// What a person did, kept on the device until the API has answered: sent in order, each once, also days later.
import { batch, computed, signal } from "@preact/signals";
import { Problem, post, send } from "../console/kit/api";
import { session } from "../console/kit/session";
import type { Action, ProofKind } from "./model";
import { addTo, allOf, removeFrom, replaceIn } from "./storage";

export interface Refusal {
  status: number;
  code: string;
  detail: string;
}

/** `id` is the device's own, so that the API knows an action that is sent again. */
export interface Sending {
  n?: number;
  id: string;
  person: string;
  at: string; // by the device's clock
  kind: "action" | "shift" | "message" | "proof";
  delivery: string | null;
  number: number | null; // of the delivery, for people
  action?: Action;
  body: Record<string, unknown>;
  proof?: { kind: ProofKind; type: string; size: number; sha256: string };
  content?: Blob;
  tries?: number;
  refusal?: Refusal;
}

const SOON = 500;
const PAUSE = 15_000;
const MOST_FAULTS = 8; // of the system, before a person hears of it
const all = signal<Sending[]>([]);
const own = computed(() => all.value.filter(({ person }) => person === session.value?.person));
/** Not answered yet, in order. */
export const waiting = computed(() => own.value.filter(({ refusal }) => !refusal));
export const refused = computed(() => own.value.filter(({ refusal }) => refusal));
/** Whether the last try reached the API. */
export const reached = signal(true);

const heard: ((sending: Sending, reply: unknown) => void)[] = [];
/** Called with each reply, and with null after a refusal. */
export const whenAnswered = (hear: (sending: Sending, reply: unknown) => void): void => void heard.push(hear);

export async function loadOutbox(): Promise<void> {
  all.value = await allOf<Sending>("outbox");
}

export type Draft = Omit<Sending, "id" | "person" | "at">;

/** Resolves when all is on the disk, or none; it is sent as soon as there is a connection. */
export async function keep(...drafts: [Draft, ...Draft[]]): Promise<void> {
  const person = session.value?.person ?? "";
  const at = new Date().toISOString();
  const entries = drafts.map((draft): Sending => ({ ...draft, id: crypto.randomUUID(), person, at }));
  const last = await addTo("outbox", ...(entries as [Sending, ...Sending[]]));
  const first = last - entries.length + 1; // one transaction numbers without gaps
  all.value = [...all.value, ...entries.map((entry, index) => ({ ...entry, n: first + index }))];
  void deliver();
}

/** The person has read why it was refused. */
export async function dismiss(sending: Sending): Promise<void> {
  await drop(sending);
}

// What the reply changes shows at once with the end of the waiting: the page never falls back to the state before.
async function drop({ n }: Sending, tell: () => void = () => undefined): Promise<void> {
  if (n === undefined) return;
  await removeFrom("outbox", n);
  batch(() => {
    all.value = all.value.filter((other) => other.n !== n);
    tell();
  });
}

let again = 0;

/** Sends what waits. One page of the browser sends at a time; a photo on a slow network does not hold up what is done. */
export async function deliver(): Promise<void> {
  clearTimeout(again);
  if (!session.value?.csrf || !waiting.value.length) return;
  const isOpen = ({ delivery }: Sending) => waiting.value.some((other) => other.kind === "action" && other.delivery === delivery);
  const ended = await Promise.all([
    sendAll("done", (sending) => sending.kind !== "proof"),
    sendAll("proofs", (sending) => sending.kind === "proof" && !isOpen(sending)),
  ]);
  if (waiting.value.length) again = setTimeout(() => void deliver(), ended.every(Boolean) ? SOON : PAUSE);
}

/** Whether all that is meant was answered. */
function sendAll(lane: string, isMeant: (sending: Sending) => boolean): Promise<boolean> {
  return navigator.locks.request(`dumbwaiter.work.${lane}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return true;
    await loadOutbox(); // another page may have sent some of it
    for (;;) {
      const next = waiting.value.find(isMeant);
      if (!next) return true;
      if (!(await sendOne(next))) return false;
    }
  });
}

/** Whether it was answered. */
async function sendOne(sending: Sending): Promise<boolean> {
  try {
    const reply = await SENDERS[sending.kind](sending);
    reached.value = true;
    await drop(sending, () => heard.forEach((hear) => hear(sending, reply)));
    return true;
  } catch (problem) {
    if (await isForLater(sending, problem)) return false;
    await refuse(sending, problem);
    for (const hear of heard) hear(sending, null);
    return true;
  }
}

// No answer, an ended session, too many requests: the same again later. A fault of the system: some times again.
async function isForLater(sending: Sending, problem: unknown): Promise<boolean> {
  const status = problem instanceof Problem ? problem.status : 400;
  reached.value = status > 0;
  if ([0, 401, 408, 429, 503].includes(status)) return true;
  if (status < 500) return false;
  const tries = (sending.tries ?? 0) + 1;
  if (tries >= MOST_FAULTS) return false;
  await change({ ...sending, tries });
  return true;
}

async function refuse(sending: Sending, problem: unknown): Promise<void> {
  const { status, code, detail } = problem instanceof Problem ? problem : { status: 0, code: "broken", detail: String(problem) };
  await change({ ...sending, refusal: { status, code, detail } });
}

async function change(sending: Sending): Promise<void> {
  await replaceIn("outbox", sending);
  all.value = all.value.map((other) => (other.n === sending.n ? sending : other));
}

const SENDERS: Record<Sending["kind"], (sending: Sending) => Promise<unknown>> = {
  // The time of sending tells the API how wrong this device's clock is.
  action: ({ delivery, id, at, action, body }) => post(`/v1/deliveries/${delivery}/actions`, { ...body, id, action, at, sent_at: new Date().toISOString() }),
  // Sent again it changes nothing; its time of sending does, so that it has no key of its own.
  shift: ({ body }) => post("/v1/couriers/shift", { ...body, sent_at: new Date().toISOString() }),
  message: ({ delivery, id, body }) => post(`/v1/deliveries/${delivery}/messages`, { ...body, id }),
  proof: sendProof,
};

interface Upload {
  state: string;
  upload: { url: string; headers: Record<string, string> } | null;
}

/** Asks for an address, puts the bytes there, and says so. A proof that is there already needs no upload. */
async function sendProof({ delivery, proof, content }: Sending): Promise<unknown> {
  const { upload } = await post<Upload>(`/v1/deliveries/${delivery}/proofs`, proof);
  if (upload && content) {
    // The browser itself sends the length.
    const headers = Object.fromEntries(Object.entries(upload.headers).filter(([name]) => !/^(content-length|host)$/i.test(name)));
    const reply = await fetch(upload.url, { method: "PUT", headers, body: content, credentials: "omit", signal: AbortSignal.timeout(120_000) }).catch(() => null);
    if (!reply) throw new Problem(0, "no_answer");
    if (!reply.ok) throw new Problem(reply.status === 403 ? 503 : reply.status, "upload_refused"); // 403: the address has expired
  }
  return send("POST", `/v1/deliveries/${delivery}/proofs/${proof?.kind}/uploaded`, {});
}

addEventListener("online", () => void deliver());
document.addEventListener("visibilitychange", () => !document.hidden && void deliver());
