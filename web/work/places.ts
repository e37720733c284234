// The courier's place, each 30 to 60 s while there is an order to carry. Places wait on the device, and go out together.
import { effect, signal } from "@preact/signals";
import { Problem, post } from "../console/kit/api";
import { session } from "../console/kit/session";
import { courier, deliveries } from "./deliveries";
import { AT_WORK } from "./model";
import { addTo, allOf, removeFrom } from "./storage";

interface Fix {
  n?: number;
  person: string;
  at: string;
  lat: number;
  lon: number;
  accuracy: number;
}

const [SOONEST, LATEST] = [30, 60]; // seconds
const MOST = 500; // places a request
const OLDEST = 30_000; // milliseconds: an older place is not asked for
/** The last place of this device. */
export const here = signal<{ lat: number; lon: number } | null>(null);
export const locating = signal<"off" | "on" | "denied" | "lost">("off");

let timer = 0;
let seconds = SOONEST;
let awake: WakeLockSentinel | null = null;

const isAtWork = (): boolean => Boolean(courier.value) && deliveries.value.some((one) => one.courier === courier.value?.id && AT_WORK.includes(one.carriage));

export function followCourier(): void {
  effect(() => {
    const wanted = isAtWork();
    if (wanted && locating.peek() === "off") begin();
    if (!wanted && locating.peek() !== "off") end();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || locating.value === "off") return;
    look();
    void stayAwake();
  });
  addEventListener("online", () => void sendPlaces());
}

function begin(): void {
  if (!("geolocation" in navigator)) return;
  locating.value = "on";
  look();
  void stayAwake();
}

function end(): void {
  clearTimeout(timer);
  locating.value = "off";
  here.value = null;
  void awake?.release().catch(() => undefined);
  awake = null;
  void sendPlaces();
}

/** Takes a place now, too: at pickup the customer begins to see the courier. */
export function look(): void {
  clearTimeout(timer);
  if (locating.value === "off") return;
  timer = setTimeout(look, seconds * 1_000);
  navigator.geolocation.getCurrentPosition((found) => void take(found), (failure) => {
    locating.value = failure.code === failure.PERMISSION_DENIED ? "denied" : "lost";
  }, { enableHighAccuracy: true, maximumAge: 5_000, timeout: 20_000 });
}

// A satellite's time is right on a phone whose clock is wrong. All times of this device are by its own clock.
const byOwnClock = (timestamp: number): number => (Math.abs(Date.now() - timestamp) > OLDEST ? Date.now() : timestamp);

async function take({ coords, timestamp }: GeolocationPosition): Promise<void> {
  if (locating.value === "off") return;
  locating.value = "on";
  here.value = { lat: coords.latitude, lon: coords.longitude };
  const fix: Fix = { person: session.value?.person ?? "", at: new Date(byOwnClock(timestamp)).toISOString(), lat: coords.latitude, lon: coords.longitude, accuracy: Math.round(coords.accuracy) };
  await addTo("fixes", fix);
  await sendPlaces();
}

/** Sends what was taken, also off line. A place that is sent twice does no harm. */
export async function sendPlaces(): Promise<void> {
  if (!session.value?.csrf || !navigator.onLine) return;
  await navigator.locks.request("dumbwaiter.work.places", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const kept = await allOf<Fix>("fixes", MOST);
    const fixes = kept.filter(({ person }) => person === session.value?.person).map(({ at, lat, lon, accuracy }) => ({ at, lat, lon, accuracy }));
    const last = kept.at(-1)?.n;
    if (last === undefined) return;
    try {
      if (fixes.length) {
        const reply = await post<{ next_seconds: number }>("/v1/courier-positions", { fixes, sent_at: new Date().toISOString() });
        seconds = Math.min(Math.max(reply.next_seconds, SOONEST), LATEST);
      }
    } catch (problem) {
      const status = problem instanceof Problem ? problem.status : 0;
      if (![400, 403, 404, 422].includes(status)) return; // another time
    }
    await removeFrom("fixes", IDBKeyRange.upperBound(last));
  });
}

// A page in the background gets no place: the screen stays on while there is an order.
async function stayAwake(): Promise<void> {
  if (!("wakeLock" in navigator) || document.hidden) return;
  awake = await navigator.wakeLock.request("screen").catch(() => null);
}
