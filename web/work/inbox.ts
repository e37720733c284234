// Messages of the person's inboxes: numbered without gaps, kept on the device, read on all devices.
import { computed, signal } from "@preact/signals";
import { Problem, get, send } from "../console/kit/api";
import { chain, may, session, storesOf } from "../console/kit/session";
import { courier, deliveries } from "./deliveries";
import { keep, waiting } from "./outbox";
import { readValue, writeValue } from "./storage";

export type Party = "desk" | "packer" | "courier" | "customer";
export type Own = "packer" | "courier";

export interface Message {
  id: string;
  seq: number;
  kind: "order" | "status" | "notice" | "chat" | "read";
  at: string;
  sender: { party: Party | null; name: string };
  conversation: string;
  to: Party[];
  template: string;
  values: { text?: string; number?: number; reason?: string | null; seq?: number };
}

interface Inbox {
  party: Own;
  store: string | null;
  cursor: number;
  messages: Message[]; // the last ones, in order
  toRead?: Record<string, number[]>; // numbers of what a person should read, by conversation
  readTo: Record<string, number>;
  untold?: Record<string, number>; // how far this device has read, where the API has not heard of it
}

interface Page {
  messages: Message[];
  next: number;
  head: number;
}

interface Snapshot {
  head: number;
  conversations: { conversation: string; last: Message | null; read_to: number; to_read: number[] }[];
}

const MOST_KEPT = 1_000;
const inboxes = signal<Record<string, Inbox>>({});
const nameOf = (party: Own, store: string | null): string => `${party}/${store ?? ""}`;
export const conversationOf = (delivery: string): string => `delivery/${delivery}`;

export async function loadInboxes(): Promise<void> {
  inboxes.value = (await readValue<Record<string, Inbox>>("inboxes")) ?? {};
}

export const forgetInboxes = (): void => void (inboxes.value = {});

/** The messages about a delivery as a party of it has them, without those that only tell how far was read. */
export const messagesOf = (party: Own, store: string, delivery: string): Message[] =>
  (inboxes.value[nameOf(party, party === "courier" ? null : store)]?.messages ?? [])
    .filter(({ conversation, kind }) => conversation === conversationOf(delivery) && kind !== "read");

/** Unread chats and notices by delivery, as the API counts them. A step is no reason to look: the list shows it. */
export const unread = computed<Record<string, number>>(() => {
  const counts: Record<string, number> = {};
  for (const { toRead = {}, readTo } of Object.values(inboxes.value)) {
    for (const [conversation, numbers] of Object.entries(toRead)) {
      const count = numbers.filter((seq) => seq > (readTo[conversation] ?? 0)).length;
      if (count) counts[conversation] = (counts[conversation] ?? 0) + count;
    }
  }
  return counts;
});

const isToRead = ({ kind, sender }: Message, party: Own): boolean => (kind === "chat" || kind === "notice") && sender.party !== party;

let looking: Promise<void> | null = null;
let isWanted = false;

/** Fetches what is new in each inbox. A call during a look leads to one more. */
export function look(): Promise<void> {
  isWanted = true;
  looking ??= (async () => {
    while (isWanted) {
      isWanted = false;
      await lookAll().catch(() => undefined); // the next look fetches the same
    }
    looking = null;
  })();
  return looking;
}

async function lookAll(): Promise<void> {
  if (!session.value?.csrf) return;
  for (const [party, store] of ownInboxes()) {
    await fetchNew(party, store);
    await tellRead(party, store);
  }
}

function ownInboxes(): [Own, string | null][] {
  const stores = new Set([...(storesOf("delivery:pack") ?? []), ...deliveries.value.map(({ store }) => store)]);
  return [
    ...(courier.value ? [["courier", null] as [Own, null]] : []),
    ...[...stores].filter((store) => may("delivery:pack", store)).map((store) => ["packer", store] as [Own, string]),
  ];
}

async function fetchNew(party: Own, store: string | null): Promise<void> {
  const name = nameOf(party, store);
  if (!inboxes.value[name]?.toRead) await startAnew(party, store);
  for (;;) {
    let page: Page;
    try {
      page = await get<Page>("/v1/inbox", { party, chain: chain.value, store, after: inboxes.value[name]?.cursor ?? 0 });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 410) throw problem;
      await startAnew(party, store);
      continue;
    }
    const now = inboxes.value[name]; // the person may have read something meanwhile
    if (!now) return;
    const inbox = withMessages(now, page.messages);
    await storeInbox(name, inbox);
    if (inbox.cursor >= page.head || !page.messages.length) return;
  }
}

/** An inbox of a new device, or of one that was away for too long: the last message of each conversation, and what is unread. */
async function startAnew(party: Own, store: string | null): Promise<void> {
  const { head, conversations } = await get<Snapshot>("/v1/inbox/snapshot", { party, chain: chain.value, store });
  const name = nameOf(party, store);
  const untold = inboxes.value[name]?.untold ?? {};
  const messages = conversations.flatMap(({ last }) => (last ? [last] : [])).sort((one, other) => one.seq - other.seq);
  const readTo = Object.fromEntries(conversations.map(({ conversation, read_to }) => [conversation, Math.max(read_to, untold[conversation] ?? 0)]));
  const toRead = Object.fromEntries(conversations.map(({ conversation, to_read }) => [conversation, to_read]));
  await storeInbox(name, { party, store, cursor: head, messages, readTo, toRead, untold });
}

// The cursor goes on by stored numbers that have no gap, and by nothing else.
function withMessages(inbox: Inbox, messages: Message[]): Inbox {
  const readTo = { ...inbox.readTo };
  const toRead = { ...inbox.toRead };
  let { cursor } = inbox;
  const added: Message[] = [];
  for (const message of messages) {
    if (message.seq !== cursor + 1) break;
    cursor = message.seq;
    added.push(message);
    if (isToRead(message, inbox.party)) toRead[message.conversation] = [...(toRead[message.conversation] ?? []), message.seq];
    if (message.kind === "read") readTo[message.conversation] = Math.max(readTo[message.conversation] ?? 0, message.values.seq ?? 0);
  }
  for (const [conversation, numbers] of Object.entries(toRead)) {
    const rest = numbers.filter((seq) => seq > (readTo[conversation] ?? 0));
    if (rest.length) toRead[conversation] = rest;
    else delete toRead[conversation];
  }
  return { ...inbox, cursor, readTo, toRead, messages: [...inbox.messages, ...added].slice(-MOST_KEPT) };
}

async function storeInbox(name: string, inbox: Inbox): Promise<void> {
  inboxes.value = { ...inboxes.value, [name]: inbox };
  await writeValue("inboxes", inboxes.value);
}

const opened = new Set<string>();

/** The messages from before this device's first look, once for each conversation. */
export async function openConversation(party: Own, store: string, delivery: string): Promise<void> {
  const name = nameOf(party, party === "courier" ? null : store);
  const key = `${name} ${delivery}`;
  const inbox = inboxes.value[name];
  if (!inbox || opened.has(key)) return;
  const { messages } = await get<{ messages: Message[] }>(`/v1/deliveries/${delivery}/messages`, { party });
  opened.add(key);
  const now = inboxes.value[name] ?? inbox;
  const numbers = new Set(now.messages.map(({ seq }) => seq));
  const older = messages.filter(({ seq }) => seq <= now.cursor && !numbers.has(seq));
  await storeInbox(name, { ...now, messages: [...older, ...now.messages].sort((one, other) => one.seq - other.seq) });
}

/** The person has the messages of a delivery on the screen. The other devices learn it, after a time off line, too. */
export async function markRead(party: Own, store: string, delivery: string): Promise<void> {
  const own = party === "courier" ? null : store;
  const name = nameOf(party, own);
  const inbox = inboxes.value[name];
  const conversation = conversationOf(delivery);
  const seq = messagesOf(party, store, delivery).at(-1)?.seq ?? 0;
  if (!inbox || seq <= (inbox.readTo[conversation] ?? 0)) return;
  await storeInbox(name, { ...inbox, readTo: { ...inbox.readTo, [conversation]: seq }, untold: { ...inbox.untold, [conversation]: seq } });
  await tellRead(party, own).catch(() => undefined); // the next look tells it
}

async function tellRead(party: Own, store: string | null): Promise<void> {
  const name = nameOf(party, store);
  if (!session.value?.csrf) return;
  for (const [conversation, seq] of Object.entries(inboxes.value[name]?.untold ?? {})) {
    const at = store === null ? {} : { chain: chain.value, store };
    await send("PUT", "/v1/inbox/read", { party, conversation, seq, ...at }).catch(dropRefused);
    const now = inboxes.value[name];
    if (!now || (now.untold?.[conversation] ?? 0) > seq) continue;
    const { [conversation]: _, ...untold } = now.untold ?? {};
    await storeInbox(name, { ...now, untold });
  }
}

// An order that is no longer the person's has nothing to tell; without an answer it is told later.
function dropRefused(problem: unknown): void {
  if (!(problem instanceof Problem) || ![400, 403, 404, 409, 422].includes(problem.status)) throw problem;
}

/** Keeps a message for sending. */
export const write = (party: Own, delivery: string, number: number, to: Party, text: string): Promise<void> =>
  keep({ kind: "message", delivery, number, body: { party, to: [to], text } });

/** Texts that are not sent yet. */
export const unsent = (party: Own, delivery: string): string[] =>
  waiting.value.filter((one) => one.kind === "message" && one.delivery === delivery && one.body["party"] === party).map(({ body }) => String(body["text"]));
