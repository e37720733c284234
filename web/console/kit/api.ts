// The API for a signed-in person: one origin, the session's cookie, a token against forged requests, and each change once.
import { ORIGIN } from "./place";

const SECONDS = 1_000;
const PATIENCE = 20 * SECONDS;
const PAUSES = [300, 1_200, 3_000]; // before a request that got no answer is sent again

export interface Fault {
  path: string;
  code: string;
  detail: string;
}

/** A request that was refused, or not answered (`status` 0). `kit/problems.ts` has the sentence for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail = "",
    readonly faults: Fault[] = [],
    readonly request: string | null = null,
    readonly retryAfter: number | null = null,
    readonly document: Record<string, unknown> = {},
  ) {
    super(`${status} ${code} ${detail}`);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

let csrf = "";
let whenSessionEnds: () => void = () => undefined;

/** The session's token against forged requests, and what to do when the API no longer knows the session. */
export function useSessionOf(token: string, ended: () => void): void {
  csrf = token;
  whenSessionEnds = ended;
}

/** The query without its empty values. */
export function withQuery(path: string, query: Query = {}): string {
  const parts = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(parts.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** Raises Problem. */
export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => request<T>("GET", withQuery(path, query), { signal });

/**
 * A change. The same `key` again is the same change; without one each call is a new change. With `revision` it is refused
 * (412 `changed`) where somebody else has changed the resource since. Raises Problem.
 */
export const send = <T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, key: string = crypto.randomUUID(), revision?: number): Promise<T> =>
  request<T>(method, path, { body, key, revision });

export const post = <T>(path: string, body?: unknown, key?: string): Promise<T> => send<T>("POST", path, body, key);

/** A file, such as a picture of a ticket. Raises Problem. */
export async function getFile(path: string, query?: Query): Promise<Blob> {
  return (await attempt("GET", withQuery(path, query))).blob();
}

interface Sent {
  body?: unknown;
  key?: string | undefined;
  revision?: number | undefined;
  signal?: AbortSignal | undefined;
}

async function request<T>(method: string, path: string, sent: Sent): Promise<T> {
  const reply = await insist(method, path, sent);
  const text = await reply.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

// A change has a key: sent again, it is made once. A look can be had again anyway.
async function insist(method: string, path: string, sent: Sent): Promise<Response> {
  for (const pause of PAUSES) {
    try {
      return await attempt(method, path, sent);
    } catch (problem) {
      const again = problem instanceof Problem && (problem.status === 0 || problem.status === 503) && !sent.signal?.aborted && navigator.onLine;
      if (!again) throw problem;
      await new Promise((resolve) => setTimeout(resolve, Math.max(pause, SECONDS * Math.min(problem.retryAfter ?? 0, 5))));
    }
  }
  return attempt(method, path, sent);
}

async function attempt(method: string, path: string, { body, key, revision, signal }: Sent = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (revision !== undefined) headers["If-Match"] = `"${revision}"`;
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  const limit = AbortSignal.timeout(PATIENCE);
  let reply: Response;
  try {
    reply = await fetch(ORIGIN + path, {
      method, headers, cache: "no-store", credentials: "same-origin", redirect: "error",
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw new Problem(0, navigator.onLine ? "no_answer" : "offline");
  }
  if (reply.ok) return reply;
  throw await problemOf(reply, path);
}

async function problemOf(reply: Response, path: string): Promise<Problem> {
  const document = (await reply.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string) => (typeof document[name] === "string" ? document[name] : "");
  // A wrong code, password or passkey is no end of the session.
  if (reply.status === 401 && path !== "/v1/session" && !/^(code|sign_in|passkey)_/.test(text("code"))) whenSessionEnds();
  const wait = Number(reply.headers.get("Retry-After"));
  return new Problem(reply.status, text("code") || `http_${reply.status}`, text("detail"), (document["errors"] ?? []) as Fault[],
    text("request") || null, wait || null, document);
}
