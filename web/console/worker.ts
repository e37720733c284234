// The service worker: it keeps the shell for a start without a connection, and never a reply of the API.
declare const SHELL_FILES: string[];
declare const SHELL_VERSION: string;
const worker = self as unknown as ServiceWorkerGlobalScope;
const CACHE = `shell-${SHELL_VERSION}`;
const BASE = new URL("./", worker.location.href);
const PAGE = new URL("today", BASE).href;

worker.addEventListener("install", (event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (event) => event.waitUntil(forgetOldShells()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(BASE.href.slice(0, -1))) return;
  if (request.mode === "navigate") event.respondWith(pageOf(request));
  else if (new URL(request.url).pathname.startsWith(`${BASE.pathname}assets/`)) event.respondWith(assetOf(request));
});

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL_FILES.map((file) => new URL(file, BASE).href));
  await cache.put(PAGE, await keptPage());
  await worker.skipWaiting();
}

// It stands in for a page of any depth, so that its addresses must be whole.
async function keptPage(): Promise<Response> {
  const reply = await fetch(PAGE, { cache: "no-store" });
  const text = (await reply.text()).replaceAll('="./', `="${BASE.pathname}`);
  return new Response(text, { headers: reply.headers });
}

async function forgetOldShells(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("shell-") && name !== CACHE).map((name) => caches.delete(name)));
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
async function assetOf(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const reply = await fetch(request);
  if (reply.ok) (await caches.open(CACHE)).put(request, reply.clone());
  return reply;
}
