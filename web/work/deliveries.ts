// The deliveries of the person: as the API gave them last, with what was done here since.
import { computed, signal } from "@preact/signals";
import { Problem, get } from "../console/kit/api";
import { chain, may } from "../console/kit/session";
import { moved, type Action, type Courier, type Delivery } from "./model";
import { keep, waiting, whenAnswered, type Draft } from "./outbox";
import type { Picture } from "./pictures";
import { readValue, writeValue } from "./storage";

const MOST = 500;

interface Known {
  deliveries: Delivery[];
  courier: Courier | null;
  at: string;
}

const known = signal<Known | null>(null);
export const problem = signal<unknown>(null);
export const asOf = computed(() => known.value?.at ?? null);
export const isLoaded = computed(() => known.value !== null);

/** The courier who is signed in; null where the person is none. A shift that was not sent yet counts. */
export const courier = computed<Courier | null>(() => {
  const found = known.value?.courier ?? null;
  return found && waiting.value.filter(({ kind }) => kind === "shift").reduce((before, { body }) => withShift(before, body), found);
});

/** With what was done here and is not answered yet. */
export const deliveries = computed<Delivery[]>(() =>
  (known.value?.deliveries ?? []).map((delivery) =>
    waiting.value.filter((sending) => sending.kind === "action" && sending.delivery === delivery.id)
      .reduce((before, { action, body }) => afterAction(before, action as Action, body), delivery)));

export const isPending = (id: string): boolean => waiting.value.some(({ kind, delivery }) => kind === "action" && delivery === id);

function afterAction(before: Delivery, action: Action, body: Record<string, unknown>): Delivery {
  const after = moved(before, action);
  if (action === "accept") return { ...after, courier: courier.value?.id ?? after.courier };
  if (action === "pack") {
    const codes = (body["parcel_codes"] as string[] | undefined) ?? [];
    return { ...after, parcels: codes.length || ((body["parcels"] as number | undefined) ?? 1), parcel_codes: codes };
  }
  return after;
}

function withShift(before: Courier, body: Record<string, unknown>): Courier {
  const [until, pause] = [body["shift_until"] as string | undefined, body["break_until"] as string | undefined];
  const isLater = (time: string) => new Date(time).getTime() > Date.now();
  return {
    ...before,
    ...(until ? { on_shift: isLater(until), shift_until: until } : {}),
    ...(pause ? { break_until: isLater(pause) ? pause : null } : {}),
  };
}

/** What the device kept, for a start without a connection. */
export async function loadKept(): Promise<void> {
  known.value ??= (await readValue<Known>("known")) ?? null;
}

export const forget = (): void => void (known.value = null);

let loading: Promise<void> | null = null;
let isWanted = false;

/** Reads all anew. A call during a read leads to one more. */
export function load(): Promise<void> {
  isWanted = true;
  loading ??= (async () => {
    while (isWanted) {
      isWanted = false;
      await read().catch((failure: unknown) => (problem.value = failure));
    }
    loading = null;
  })();
  return loading;
}

async function read(): Promise<void> {
  if (!chain.value) return;
  const asked = chain.value;
  const list = (query: Record<string, string | boolean | number>) => get<{ deliveries: Delivery[] }>("/v1/deliveries", { chain: asked, ...query });
  const [mine, open, me] = await Promise.all([
    may("delivery:carry") ? list({ mine: true }) : { deliveries: [] },
    list({ limit: MOST }),
    may("delivery:carry") ? get<Courier>("/v1/couriers/shift").catch(noCourier) : null,
  ]);
  if (asked !== chain.value) return;
  // The reply to an action may have come after the list was read, and before it was here.
  const before = new Map(known.value?.deliveries.map((delivery) => [delivery.id, delivery]));
  const newer = (listed: Delivery): Delivery => {
    const had = before.get(listed.id);
    return had && had.revision > listed.revision ? had : listed;
  };
  const byId = new Map([...mine.deliveries, ...open.deliveries].map((delivery) => [delivery.id, newer(delivery)]));
  known.value = { deliveries: [...byId.values()], courier: me, at: new Date().toISOString() };
  problem.value = null;
  await writeValue("known", known.value);
}

function noCourier(failure: unknown): null {
  if (failure instanceof Problem && failure.status === 404) return null;
  throw failure;
}

/** Keeps an action and its pictures for sending, all or none. `expected` is what the person sees now. */
export function act({ id, number }: Delivery, action: Action, expected: string, body: Record<string, unknown> = {}, pictures: Picture[] = []): Promise<void> {
  const proofs = pictures.length ? { proofs: pictures.map(({ proof }) => proof) } : {};
  return keep(
    { kind: "action", delivery: id, number, action, body: { expected, ...body, ...proofs } },
    ...pictures.map((picture): Draft => ({ kind: "proof", delivery: id, number, body: {}, ...picture })),
  );
}

whenAnswered((sending, reply) => {
  if (sending.kind === "action" && reply && known.value) {
    const changed = reply as Delivery;
    known.value = { ...known.value, deliveries: known.value.deliveries.map((one) => (one.id === changed.id ? changed : one)) };
  }
  if (sending.kind === "shift" && reply && known.value) known.value = { ...known.value, courier: reply as Courier };
  void load();
});
