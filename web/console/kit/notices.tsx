// Short notices at the edge of the page.
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { Icon } from "./icons";
import { SIGNS, type Tone } from "./tones";

const notices = signal<{ id: number; text: string; tone: Tone }[]>([]);
let nextNotice = 0;

/** A sentence at the edge of the page for some seconds, read by screen readers too. */
export function notify(text: string, tone: Tone = "good"): void {
  const id = nextNotice++;
  notices.value = [...notices.value, { id, text, tone }].slice(-4);
  setTimeout(() => (notices.value = notices.value.filter((notice) => notice.id !== id)), tone === "bad" ? 9_000 : 5_000);
}

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, tone }) => <p key={id} class={`notice ${tone}`}><Icon name={SIGNS[tone]} size={18} />{text}</p>)}
    </div>
  );
}
