// Who is signed in, and what the person may do. The API decides; the page only leaves away what would be refused.
import { computed, signal } from "@preact/signals";
import { Problem, get, post, send, useSessionOf } from "./api";
import { speak } from "./i18n";
import { passkeyFor, type RequestOptions } from "./passkeys";

export interface Grant {
  right: string;
  level: "chain" | "region" | "store";
  id: string; // of the chain, or of a region or store of it
}

/** The reply of GET /v1/session. */
export interface SessionDocument {
  id: string;
  person: string;
  name: string;
  email: string;
  chain: string;
  language: string | null;
  roles: { role: string; level: Grant["level"]; scope: string }[];
  rights: string[]; // right@chain:CHAIN, right@region:CHAIN:REGION, right@store:CHAIN:STORE
  csrf: string;
  expires_at: string;
}

export interface Session extends SessionDocument {
  grants: Grant[];
}

/** undefined: not known yet. null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);
/** Why the sign-in page is shown; "" where nobody was signed in. */
export const leftBecause = signal<"" | "ended" | "left">("");
/** The chain whose data the views show. */
export const chain = computed(() => session.value?.chain ?? "");

/** Called when somebody leaves: what the page holds of the person's data must go. */
export const forgetting: (() => void)[] = [];

/** Raises Problem when the API does not answer. */
export async function loadSession(): Promise<void> {
  try {
    enter(await get<SessionDocument>("/v1/session"));
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    session.value = null;
  }
}

const FRESH = 60_000; // milliseconds for which a page trusts the rights that it has read
let readAt = 0;

/** Reads the rights anew when somebody looks at the page again: a role may have changed meanwhile. */
export function keepFresh(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !session.value || Date.now() - readAt < FRESH) return;
    readAt = Date.now();
    get<SessionDocument>("/v1/session").then(enter, (problem: unknown) => {
      if (problem instanceof Problem && problem.status === 401) leave("ended");
    });
  });
}

export interface Proof {
  email: string;
  password: string;
  chain?: string; // where several accounts have this password
  code?: string; // of the second step
}

/** Raises Problem. */
export async function signIn(proof: Proof): Promise<void> {
  enter(await post<SessionDocument>("/v1/sessions", proof));
}

/** Raises Problem, PutAway. */
export async function signInWithPasskey(): Promise<void> {
  const options = await post<RequestOptions>("/v1/sessions/passkey");
  enter(await post<SessionDocument>("/v1/sessions/passkey/end", { credential: await passkeyFor(options) }));
}

let leaving = false;

/** Raises Problem. A look that is still on its way when the session ends is no reason to say that it ended by itself. */
export async function signOut(): Promise<void> {
  leaving = true;
  try {
    await send("DELETE", "/v1/session");
    if (session.value) leave("left");
  } finally {
    leaving = false;
  }
}

export function leave(because: "ended" | "left"): void {
  for (const forget of forgetting) forget();
  useSessionOf("", () => undefined);
  leftBecause.value = because;
  session.value = null;
}

/** The session that the API gave. */
export function enter(found: SessionDocument): void {
  useSessionOf(found.csrf, () => session.value && leave(leaving ? "left" : "ended"));
  speak(found.language);
  leftBecause.value = "";
  readAt = Date.now();
  session.value = { ...found, grants: found.rights.map(grantOf) };
}

function grantOf(text: string): Grant {
  const [right = "", scope = ""] = text.split("@");
  const parts = scope.split(":");
  return { right, level: parts[0] as Grant["level"], id: parts.at(-1) ?? "" };
}

/** Whether the person has the right somewhere; with a store: whether it can hold there. */
export function may(right: string, store?: string): boolean {
  return (session.value?.grants ?? []).some((grant) => grant.right === right && (store === undefined || grant.level !== "store" || grant.id === store));
}

/** The stores to which the right is limited; null where it reaches further. */
export function storesOf(right: string): string[] | null {
  const grants = (session.value?.grants ?? []).filter((grant) => grant.right === right);
  return grants.every(({ level }) => level === "store") ? grants.map(({ id }) => id) : null;
}
