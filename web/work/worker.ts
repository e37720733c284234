// The service worker: it keeps the page for a start without a connection, never a reply of the API, and wakes the person.
declare const SHELL_FILES: string[];
declare const SHELL_VERSION: string;
const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `work-${SHELL_VERSION}`;
const BASE = new URL("./", worker.location.href);
const PAGE = BASE.href.slice(0, -1);

worker.addEventListener("install", (event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (event) => event.waitUntil(forgetOldShells()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(PAGE)) return;
  if (request.mode === "navigate") event.respondWith(pageOf(request));
  else if (request.url.startsWith(BASE.href)) event.respondWith(fileOf(request));
});
worker.addEventListener("push", (event) => event.waitUntil(wake(event)));
worker.addEventListener("notificationclick", (event) => event.waitUntil(openPage(event)));

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...["manifest.webmanifest", "icon.svg", ...SHELL_FILES].map((file) => new URL(file, BASE).href)]);
  await worker.skipWaiting();
}

async function forgetOldShells(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("work-") && name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

// The page as the server has it now; the kept one where there is no connection.
async function pageOf(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

// Names of assets change with their content.
async function fileOf(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

// The push has no text: the page asks for what is new, and tells it.
async function wake(event: PushEvent): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage("new");
  const isChinese = worker.navigator.language.startsWith("zh");
  let tag = "work";
  try {
    tag = String((event.data?.json() as { party?: string } | undefined)?.party ?? tag);
  } catch {
    // A push that cannot be read wakes all the same.
  }
  const body = isChinese ? "有新的订单或消息，请打开查看。" : "There is a new order or message. Open the page.";
  await worker.registration.showNotification(isChinese ? "工作台" : "Work", { body, tag, icon: new URL("icon-192.png", BASE).href });
}

async function openPage(event: NotificationEvent): Promise<void> {
  event.notification.close();
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = pages.find(({ url }) => url.startsWith(PAGE));
  await (open ? open.focus() : worker.clients.openWindow(PAGE));
}
