// Where the page is: the path below /console and the query. Views read it and go elsewhere; nothing reloads.
import { signal } from "@preact/signals";

// The build puts every script into assets/ below the console. The API is beside the console.
export const CONSOLE = new URL("..", import.meta.url).pathname;
export const ORIGIN = new URL("../..", import.meta.url).href.replace(/\/$/, "");

export interface Place {
  path: string; // such as /orders/01J…
  query: URLSearchParams;
}

const read = (): Place => ({ path: `/${location.pathname.slice(CONSOLE.length).replace(/\/+$/, "")}`, query: new URLSearchParams(location.search) });

export const place = signal<Place>(read());

/** The address of a path below /console, for a link. */
export const addressOf = (path: string): string => CONSOLE + path.replace(/^\//, "");

/** To another path. `replace`: the way back leads past it. */
export function go(path: string, { replace = false } = {}): void {
  const before = place.value.path;
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(path));
  place.value = read();
  if (before !== place.value.path) scrollTo(0, 0);
}

/** Change parts of the query; an empty value leaves the part away. */
export function setQuery(changes: Record<string, string | null | undefined>): void {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  go(place.value.path + (text ? `?${text}` : ""), { replace: true });
}

/** Links of the console go without a reload; all others as the browser does it. */
export function followLinks(): void {
  addEventListener("popstate", () => (place.value = read()));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!link.pathname.startsWith(CONSOLE)) return;
    event.preventDefault();
    go(`/${link.pathname.slice(CONSOLE.length)}${link.search}`);
  });
}
