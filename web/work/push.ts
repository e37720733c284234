// Web push: the device is woken when there is something new in an inbox. The message has the inbox and a number alone.
import { signal } from "@preact/signals";
import { Problem, get, post } from "../console/kit/api";
import { chain, may, session, storesOf } from "../console/kit/session";
import { courier } from "./deliveries";
import { readValue, writeValue } from "./storage";

export const pushed = signal<"unknown" | "off" | "on" | "none">("unknown");
const can = (): boolean => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

/** Registers the device again where the person has allowed it: a browser may have changed its address. */
export async function renewPush(): Promise<void> {
  if (!can()) return void (pushed.value = "none");
  pushed.value = "off";
  if (Notification.permission === "granted" && (await readValue<string>(nameOfDevice()))) await wakeMe().catch(() => undefined);
}

const nameOfDevice = (): string => `device ${session.value?.person ?? ""}`;

/** Asks the person, then tells the API the browser's address. Raises what fails. */
export async function wakeMe(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Problem(0, "not_granted");
  const { key } = await get<{ key: string }>("/v1/inbox/push-key");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  for (const at of ownInboxes()) await post("/v1/inbox/devices", { subscription: { endpoint, keys }, ...at });
  await writeValue(nameOfDevice(), endpoint);
  pushed.value = "on";
}

function ownInboxes(): { party: string; chain: string | null; store: string | null }[] {
  const stores = may("delivery:pack") ? (storesOf("delivery:pack") ?? []) : [];
  return [
    ...(courier.value ? [{ party: "courier", chain: null, store: null }] : []),
    ...stores.map((store) => ({ party: "packer", chain: chain.value, store })),
  ];
}

/** The next person of this device is not woken for this one. The API hears of it by its next push. */
export async function forgetPush(): Promise<void> {
  pushed.value = "unknown";
  const registration = can() ? await navigator.serviceWorker.getRegistration() : undefined;
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}
