// Data of the API in a view: asked once, kept on the screen while it is asked again, and fresh by live changes.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
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

interface Kept {
  data: unknown;
  asOf: Date;
}

const MOST_KEPT = 60;
const POLL = 15_000;
const SOONEST = 1_000; // between two looks that live changes ask for
const kept = new Map<string, Kept>();
forgetting.push(() => kept.clear());

function keep(key: string, data: unknown): Kept {
  const entry = { data, asOf: new Date() };
  kept.delete(key);
  kept.set(key, entry);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
  return entry;
}

export interface LoadOptions {
  live?: Watch; // look again when something of these topics changes
  only?: (change: Change) => boolean; // of these changes
  every?: number; // milliseconds between looks without a live connection; 0: never
}

/** A reply of GET. `path` null: nothing is asked yet. */
export function useApi<T>(path: string | null, query: Query = {}, { live, only, every = POLL }: LoadOptions = {}): Loaded<T> {
  const target = path === null ? null : withQuery(path, query);
  const [, show] = useState(0);
  const state = useRef<{ target: string | null; problem: unknown; loading: boolean; abort: AbortController | null; at: number }>(
    { target: null, problem: null, loading: false, abort: null, at: 0 });
  const look = useCallback(async (wanted: string) => {
    const mine = state.current;
    mine.abort?.abort();
    const abort = (mine.abort = new AbortController());
    mine.loading = true;
    mine.at = Date.now();
    show((count) => count + 1);
    try {
      keep(wanted, await get<T>(wanted, {}, abort.signal));
      mine.problem = null;
    } catch (problem) {
      if (abort.signal.aborted) return;
      mine.problem = problem;
    }
    mine.loading = false;
    show((count) => count + 1);
  }, []);
  if (state.current.target !== target) Object.assign(state.current, { target, problem: null, loading: target !== null });
  useEffect(() => {
    if (target) void look(target);
    return () => state.current.abort?.abort();
  }, [target]);
  const reload = useCallback(() => void (state.current.target && look(state.current.target)), []);
  useAgain(target, every, state.current.problem, reload, live !== undefined);
  useLive(target && live ? live : null, useSoon(reload, state, only));
  const entry = target ? kept.get(target) : undefined;
  return { data: entry?.data as T | undefined, asOf: entry?.asOf ?? null, problem: state.current.problem, loading: state.current.loading, reload };
}

// Many changes in a second are one look.
function useSoon(reload: () => void, state: { current: { at: number } }, only?: (change: Change) => boolean): (changes: Change[]) => void {
  const timer = useRef(0);
  const test = useRef(only);
  test.current = only;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((changes: Change[]) => {
    if (changes.length && test.current && !changes.some(test.current)) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => !document.hidden && reload(), Math.max(0, state.current.at + SOONEST - Date.now()));
  }, []);
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
  more: (() => void) | null; // the next page; null: this was the last
  first: Record<string, unknown> | undefined; // the first reply, with its other fields
}

export interface PagesOptions extends LoadOptions {
  cursor?: "cursor" | "after"; // the name of the query's field that takes `next`
}

/** A list by cursor: `list` names the field of the reply that holds the rows. A live change asks for the first page anew. */
export function usePages<T>(path: string | null, query: Query, list: string, { cursor = "cursor", ...options }: PagesOptions = {}): Pages<T> {
  const first = useApi<Record<string, unknown>>(path, query, options);
  const [further, setFurther] = useState<{ of: string; rows: T[]; next: string | null; problem: unknown; loading: boolean } | null>(null);
  const of = path === null ? "" : withQuery(path, query);
  const mine = further?.of === of ? further : null;
  const next = mine ? mine.next : ((first.data?.["next"] as string | null | undefined) ?? null);
  const more = async () => {
    if (!path || !next) return;
    const before = mine ?? { of, rows: [], next, problem: null, loading: false };
    setFurther({ ...before, loading: true, problem: null });
    try {
      const page = await get<Record<string, unknown>>(path, { ...query, [cursor]: next });
      setFurther({ of, rows: [...before.rows, ...((page[list] ?? []) as T[])], next: (page["next"] as string | null) ?? null, problem: null, loading: false });
    } catch (problem) {
      setFurther({ ...before, problem, loading: false });
    }
  };
  const rows = first.data && [...((first.data[list] ?? []) as T[]), ...(mine?.rows ?? [])];
  return { ...first, data: rows, problem: first.problem ?? mine?.problem, loading: first.loading || Boolean(mine?.loading), more: next ? () => void more() : null, first: first.data };
}
