// Texts that people planned for the pages of stores: above each view until they end, or until the person hides them.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../kit/button";
import { moment } from "../kit/format";
import { useTexts } from "../kit/i18n";
import { Icon } from "../kit/icons";
import { useApi } from "../kit/load";
import { chain, may, storesOf } from "../kit/session";
import { useStorePlaces } from "../kit/store_names";

const en = {
  title: "Announcements",
  until: (time: string) => `until ${time}`,
  also: (count: number) => `${count} more`,
  hide: "Hide",
  hideOf: (text: string) => `Hide the announcement: ${text}`,
};
const zh: typeof en = { title: "公告", until: (time) => `至 ${time}`, also: (count) => `另外 ${count} 家`, hide: "隐藏", hideOf: (text) => `隐藏公告：${text}` };

interface Announcement {
  id: string;
  text: string;
  stores: string[]; // empty: all of the chain
  ends_at: string;
}

const HIDDEN = "announcements-hidden";
const NAMED = 3; // stores
const LONGEST_WAIT = 3_600_000; // milliseconds; a browser's timer has a limit
const RIGHT = "console:read";
// `stores` is empty: a text names no store to the socket, and this must not widen what a view watches.
const LOOK = { live: { topics: ["announcements"], stores: [] }, every: 60_000 };

const readHidden = (): string[] => (localStorage.getItem(HIDDEN) ?? "").split(" ").filter(Boolean);

export function Announcements(): JSX.Element {
  const t = useTexts({ en, zh });
  const current = useApi<{ announcements: Announcement[] }>(may(RIGHT) ? "/v1/announcements" : null, { chain: chain.value }, LOOK).data?.announcements;
  const [hidden, setHidden] = useState(readHidden);
  const [, show] = useState(0);
  const running = (current ?? []).filter(({ ends_at }) => Date.parse(ends_at) > Date.now());
  const ends = Math.min(...running.map(({ ends_at }) => Date.parse(ends_at)));
  useEffect(() => {
    if (!Number.isFinite(ends)) return undefined;
    const timer = setTimeout(() => show((count) => count + 1), Math.min(LONGEST_WAIT, ends - Date.now() + 1));
    return () => clearTimeout(timer);
  });
  const hide = (id: string) => {
    const still = [...readHidden().filter((other) => running.some((one) => one.id === other)), id];
    localStorage.setItem(HIDDEN, still.join(" "));
    setHidden(still);
  };
  const shown = running.filter(({ id }) => !hidden.includes(id));
  return (
    <section class="announcements" role="status" aria-label={t.title}>
      {shown.map((one) => <OneAnnouncement key={one.id} of={one} hide={() => hide(one.id)} />)}
    </section>
  );
}

function OneAnnouncement({ of: { text, stores, ends_at }, hide }: { of: Announcement; hide: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const places = useStorePlaces(stores.slice(0, NAMED));
  const zone = (stores.length ? places[stores[0] ?? ""] : Object.values(places)[0])?.timezone;
  const named = stores.slice(0, NAMED).map((id) => places[id]?.name ?? id);
  const where = storesOf(RIGHT)?.length === 1 ? [] : [...named, ...(stores.length > NAMED ? [t.also(stores.length - NAMED)] : [])];
  return (
    <div class="announcement">
      <Icon name="alerts" size={20} />
      <div>
        <p class="announcement-text" dir="auto">{text}</p>
        <p class="announcement-about">{[...(where.length ? [where.join(", ")] : []), t.until(moment(ends_at, zone))].join(" · ")}</p>
      </div>
      <Button small kind="quiet" icon="close" label={t.hideOf(text)} onPress={hide}>{t.hide}</Button>
    </div>
  );
}
