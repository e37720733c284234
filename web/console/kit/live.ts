// Live changes: one socket a page. The server says what has changed; a view asks the API for the new state.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Problem, post } from "./api";
import { forgetting, leave, session } from "./session";

export interface Change {
  topic: string;
  type: string;
  subject: string;
  store: string | null;
  at: string;
  version: number;
}

export interface Watch {
  topics: string[];
  stores?: string[] | null; // null: all that the person may see
}

// `sure`: the server had confirmed its topics before it asked the API, or it has asked again since.
type Listener = { watch: Watch; hear: (changes: Change[]) => void; sure: boolean };

const GATHER = 200; // milliseconds: a burst of changes becomes one look
const PING = 60_000;
const LONGEST_PAUSE = 30_000;

/** Whether changes arrive by themselves now. Without it views look again each 15 s. */
export const connected = signal(false);

const listeners = new Set<Listener>();
let socket: WebSocket | null = null;
let tries = 0;
let retry = 0;
let ping = 0;
let gathered = new Map<string, Change>();
let gathering = 0;
let wished: string[] = []; // the frames that the server has not answered yet
let confirmed = ""; // the frame that it watches by

/** Calls `hear` with the changes of the topics, at most five times a second, and with [] after a gap. */
export function useLive(watch: Watch | null, hear: (changes: Change[]) => void): void {
  useEffect(() => {
    if (!watch) return undefined;
    const listener = { watch, hear, sure: false };
    listeners.add(listener);
    tellWatches();
    return () => {
      listeners.delete(listener);
      tellWatches();
    };
  }, [JSON.stringify(watch), hear]);
}

let telling = 0;

// Views come and go together; the server hears of it once.
function tellWatches(): void {
  clearTimeout(telling);
  telling = setTimeout(() => {
    if (!listeners.size) return close();
    if (socket?.readyState === WebSocket.OPEN) sendWatches();
    else if (!socket) void open();
  }, 50);
}

function sendWatches(): void {
  const chain = session.value?.chain;
  const topics = [...new Set([...listeners].flatMap(({ watch }) => watch.topics))].sort();
  const lists = [...listeners].map(({ watch }) => watch.stores ?? null);
  const stores = lists.some((list) => list === null) ? null : [...new Set(lists.flatMap((list) => list ?? []))].sort();
  const wish = JSON.stringify({ action: "live", watch: [{ chain, stores, topics }] });
  if (wish === confirmed && !wished.length) return catchUp();
  wished.push(wish);
  socket?.send(wish);
}

// What changed after a view had asked the API and before the server watched for it was announced to nobody here.
function catchUp(): void {
  for (const listener of listeners) {
    if (!listener.sure) listener.hear([]);
    listener.sure = true;
  }
}

async function open(): Promise<void> {
  if (!session.value || document.hidden || !navigator.onLine) return;
  clearTimeout(retry);
  try {
    const { url } = await post<{ url: string }>("/v1/live/tickets");
    if (!listeners.size || socket) return;
    const opened = new WebSocket(ofThisHost(url));
    socket = opened;
    opened.onopen = () => {
      wished = [];
      confirmed = "";
      for (const listener of listeners) listener.sure = false;
      sendWatches();
      ping = setInterval(() => opened.send('{"action":"ping"}'), PING);
    };
    opened.onmessage = ({ data }) => hear(String(data));
    opened.onclose = () => opened === socket && lost();
  } catch (problem) {
    if (problem instanceof Problem && [401, 403, 404].includes(problem.status)) return; // views look again by themselves
    lost();
  }
}

// The page's own host leads to the socket, as its policy wants it: behind the CDN, and on one machine with two names.
function ofThisHost(address: string): string {
  const url = new URL(address);
  if (location.protocol === "http:") {
    url.host = location.host;
    return url.href;
  }
  return url.host === location.host ? address : `wss://${location.host}/live${url.search}`;
}

function lost(): void {
  clearInterval(ping);
  socket = null;
  connected.value = false;
  if (!listeners.size || !session.value) return;
  tries += 1;
  const pause = Math.min(LONGEST_PAUSE, 1_000 * 2 ** Math.min(tries - 1, 5));
  retry = setTimeout(() => void open(), pause * (0.5 + Math.random() / 2));
}

function close(): void {
  clearTimeout(retry);
  clearInterval(ping);
  const closing = socket;
  socket = null;
  connected.value = false;
  closing?.close();
}

function hear(text: string): void {
  let bundle: { kind?: string; code?: string; changes?: Change[] };
  try {
    bundle = JSON.parse(text) as typeof bundle;
  } catch {
    return;
  }
  if (bundle.kind === "bye" && bundle.code === "session_ended") return leave("ended");
  // A page that nobody has looked at for long: it looks by itself, and connects when a person comes back to it.
  if (bundle.kind === "bye" && bundle.code === "too_many") return close();
  if (bundle.kind === "watching") {
    confirmed = wished.shift() ?? confirmed;
    if (wished.length) return;
    tries = 0;
    connected.value = true;
    return catchUp();
  }
  if (bundle.kind === "error") wished.shift();
  if (bundle.kind !== "changes") return;
  for (const change of bundle.changes ?? []) gathered.set(`${change.topic} ${change.subject}`, change);
  gathering ||= setTimeout(pass, GATHER);
}

function pass(): void {
  gathering = 0;
  const changes = [...gathered.values()];
  gathered = new Map();
  for (const { watch, hear: tell } of listeners) {
    const wanted = changes.filter(({ topic, store }) => watch.topics.includes(topic) && (!watch.stores || store === null || watch.stores.includes(store)));
    if (wanted.length) tell(wanted);
  }
}

forgetting.push(() => {
  gathered.clear();
  close();
});
addEventListener("online", () => !socket && listeners.size && void open());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !socket && listeners.size) void open();
});
