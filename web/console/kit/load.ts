// Data of the API in a view: asked once, kept on the screen while it is asked again, and fresh by live changes.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Problem, type Query, get, withQuery } from "./api";
import { connected, useLive, type Change, type Watch } from "./live";
import { forgetting } from "./session";

export interface Loaded<T> {
  data: T | undefined;
  problem: unknown; // of the newest try; `data` stays what it was
  asOf: Date | null;
  loading: boolean;
  reload: () => void;
}

interface Reply {
  data: unknown;
  pages: number; // of the list that `data` holds; 1 for a reply of one request
}

interface Kept extends Reply {
  asOf: Date;
}

type Ask = (target: string, signal: AbortSignal) => Promise<Reply>;

const MOST_KEPT = 60;
const POLL = 15_000;
const SOONEST = 1_000; // for each page, between two looks that live changes ask for
const kept = new Map<string, Kept>();
forgetting.push(() => kept.clear());

function keep(key: string, reply: Reply): void {
  kept.delete(key);
  kept.set(key, { ...reply, asOf: new Date() });
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
}

export interface LoadOptions {
  live?: Watch; // look again when something of these topics changes
  only?: (change: Change) => boolean; // of these changes
  every?: number; // milliseconds between looks without a live connection; 0: never
}

interface Looks {
  target: string | null;
  problem: unknown;
  running: { ask: Ask; abort: AbortController } | null;
  next: Set<Ask>; // wished while another one runs
  at: number; // when the newest one began
}

interface Looked<T> extends Loaded<T> {
  runs: Ask | null;
  look: (ask: Ask) => void;
}

/**
 * One request at a time. A look that is wished meanwhile follows it: a change may have come after the answer was made. The
 * running one is not given up, or a page would never have an answer where changes come faster than answers.
 */
function useLooks<T>(target: string | null, whole: Ask, { live, only, every = POLL }: LoadOptions): Looked<T> {
  const [, show] = useState(0);
  const state = useRef<Looks>({ target: null, problem: null, running: null, next: new Set(), at: 0 });
  const look = useCallback(async (ask: Ask) => {
    const mine = state.current;
    const wanted = mine.target;
    if (wanted === null) return;
    if (mine.running) return void mine.next.add(ask);
    const abort = new AbortController();
    Object.assign(mine, { running: { ask, abort }, at: Date.now() });
    show((count) => count + 1);
    let problem: unknown = null;
    try {
      keep(wanted, await ask(wanted, abort.signal));
    } catch (failure) {
      problem = failure;
    }
    if (abort.signal.aborted) return;
    Object.assign(mine, { problem, running: null });
    show((count) => count + 1);
    const [following] = mine.next;
    if (following && mine.next.delete(following)) void look(following);
  }, []);
  if (state.current.target !== target) Object.assign(state.current, { target, problem: null });
  useEffect(() => {
    if (target) void look(whole);
    return () => {
      state.current.running?.abort.abort();
      state.current.running = null;
      state.current.next.clear();
    };
  }, [target]);
  const reload = useCallback(() => void look(whole), [whole]);
  const entry = target ? kept.get(target) : undefined;
  useAgain(target, every, state.current.problem, reload, live !== undefined);
  useLive(target && live ? live : null, useSoon(reload, state, SOONEST * (entry?.pages ?? 1), only));
  return {
    data: entry?.data as T | undefined, asOf: entry?.asOf ?? null, problem: state.current.problem, loading: state.current.running !== null, reload,
    runs: state.current.running?.ask ?? null, look,
  };
}

const once: Ask = async (target, signal) => ({ data: await get<unknown>(target, {}, signal), pages: 1 });

/** A reply of GET. `path` null: nothing is asked yet. */
export function useApi<T>(path: string | null, query: Query = {}, options: LoadOptions = {}): Loaded<T> {
  return useLooks<T>(path === null ? null : withQuery(path, query), once, options);
}

// Many changes in a second are one look.
function useSoon(reload: () => void, state: { current: { at: number } }, pause: number, only?: (change: Change) => boolean): (changes: Change[]) => void {
  const timer = useRef(0);
  const newest = useRef({ pause, only });
  newest.current = { pause, only };
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((changes: Change[]) => {
    const { pause: length, only: test } = newest.current;
    if (changes.length && test && !changes.some(test)) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => !document.hidden && reload(), Math.max(0, state.current.at + length - Date.now()));
  }, [reload]);
}

// Without a live connection, after a failure, and when somebody looks at the page again.
function useAgain(target: string | null, every: number, problem: unknown, reload: () => void, hearsChanges: boolean): void {
  const isLive = hearsChanges && connected.value;
  useEffect(() => {
    if (!target || !every) return undefined;
    const hopeless = problem instanceof Problem && problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    if (hopeless) return undefined;
    const timer = setInterval(() => !document.hidden && (!isLive || problem) && reload(), every);
    const seen = () => !document.hidden && reload();
    document.addEventListener("visibilitychange", seen);
    addEventListener("online", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", seen);
    };
  }, [target, every, isLive, problem]);
}

export interface Pages<T> extends Loaded<T[]> {
  loading: boolean; // the next page is on its way
  more: (() => void) | null; // the next page; null: this was the last
  first: Record<string, unknown> | undefined; // the first reply, with its other fields
}

export interface PagesOptions extends LoadOptions {
  cursor?: "cursor" | "after"; // the name of the query's field that takes `next`
}

interface Listed extends Record<string, unknown> {
  next?: string | null;
}

/** The requests for a list: all pages that are shown, from the first on, and the one after them. */
function asksOf(list: string, cursor: string): { whole: Ask; further: Ask } {
  const rowsOf = (page: Listed) => (page[list] ?? []) as unknown[];
  const after = (target: string, next: string, signal: AbortSignal) => get<Listed>(`${target}${target.includes("?") ? "&" : "?"}${cursor}=${encodeURIComponent(next)}`, {}, signal);
  const joined = (one: Listed, other: Listed): Listed => ({ ...one, [list]: [...rowsOf(one), ...rowsOf(other)], next: other.next ?? null });
  const whole: Ask = async (target, signal) => {
    const shown = kept.get(target)?.pages ?? 1;
    let data = await get<Listed>(target, {}, signal);
    let pages = 1;
    for (; pages < shown && data.next; pages++) data = joined(data, await after(target, data.next, signal));
    return { data, pages };
  };
  const further: Ask = async (target, signal) => {
    const before = kept.get(target);
    const { next } = (before?.data ?? {}) as Listed;
    if (!before || !next) return whole(target, signal);
    return { data: joined(before.data as Listed, await after(target, next, signal)), pages: before.pages + 1 };
  };
  return { whole, further };
}

/**
 * A list by cursor: `list` names the field of the reply that holds the rows. A live change asks for all pages that are
 * shown: new rows push others from the first page to the second.
 */
export function usePages<T>(path: string | null, query: Query, list: string, { cursor = "cursor", ...options }: PagesOptions = {}): Pages<T> {
  const { whole, further } = useMemo(() => asksOf(list, cursor), [list, cursor]);
  const { data, runs, look, ...loaded } = useLooks<Listed>(path === null ? null : withQuery(path, query), whole, options);
  const rows = data && ((data[list] ?? []) as T[]);
  return { ...loaded, data: rows, loading: runs === further, more: data?.next ? () => look(further) : null, first: data };
}
