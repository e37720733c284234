// What both pages show of a delivery: its head, its states, card, wishes; the photo and the refused actions.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { State } from "../console/kit/feedback";
import type { Tone } from "../console/kit/tones";
import { time } from "../console/kit/format";
import { Icon, type IconName } from "../console/kit/icons";
import { isPending } from "./deliveries";
import { conversationOf, unread } from "./inbox";
import type { Delivery } from "./model";
import { dismiss, refused, type Sending } from "./outbox";
import { encodeImage } from "./pictures";
import { useWords } from "./texts";

export const opened = (): string => /^#\/d\/([0-9A-Z]{26})$/.exec(location.hash)?.[1] ?? "";

/** A large button. It works once for each press: what it does is kept at once. */
export function Big({ children, onPress, kind = "plain", icon, disabled }: { children: ComponentChildren; onPress: () => void; kind?: "main" | "plain" | "danger"; icon?: IconName; disabled?: boolean }): JSX.Element {
  return <button type="button" class={`button big ${kind}`} disabled={disabled} onClick={onPress}>{icon && <Icon name={icon} size={22} />}<span>{children}</span></button>;
}

export const isLate = (delivery: Delivery, now = Date.now()): boolean =>
  new Date(delivery.wanted_until).getTime() < now && !["delivered", "returned", "cancelled"].includes(delivery.carriage);

/** One delivery in a list. */
export function Row({ delivery, state, tone, children }: { delivery: Delivery; state: string; tone: Tone; children?: ComponentChildren }): JSX.Element {
  const t = useWords();
  const count = unread.value[conversationOf(delivery.id)] ?? 0;
  return (
    <li class={`delivery ${isLate(delivery) ? "late" : ""}`}>
      <a href={`#/d/${delivery.id}`} class="delivery-link">
        <span class="delivery-head"><b>{t.order(delivery.number)}</b><State tone={tone}>{state}</State></span>
        <span class="delivery-time">{isLate(delivery) && <State tone="bad">{t.late}</State>}{t.until(time(delivery.wanted_from), time(delivery.wanted_until))}</span>
        {children}
        {(isPending(delivery.id) || count > 0) && <span class="row">{isPending(delivery.id) && <State tone="wait">{t.pending}</State>}{count > 0 && <State tone="info">{t.unread(count)}</State>}</span>}
      </a>
    </li>
  );
}

/** The heading of one delivery, with the way back to the list. */
export function Head({ delivery, state, tone }: { delivery: Delivery; state: string; tone: Tone }): JSX.Element {
  const t = useWords();
  useEffect(() => void document.querySelector("h1")?.focus(), []);
  return (
    <header class="detail-head">
      <a href="#/" class="button quiet back-link"><Icon name="back" />{t.back}</a>
      <h1 tabIndex={-1}>{t.order(delivery.number)}</h1>
      <p class="row"><State tone={tone}>{state}</State>{isLate(delivery) && <State tone="bad">{t.late}</State>}{isPending(delivery.id) && <State tone="wait">{t.pending}</State>}</p>
      <p class="soft">{t.until(time(delivery.wanted_from), time(delivery.wanted_until))}</p>
    </header>
  );
}

/** What must be known of a gift, the card, and wishes. Price and sender are not in the page at all. */
export function Wishes({ delivery: { details } }: { delivery: Delivery }): JSX.Element | null {
  const t = useWords();
  if (!details.gift && !details.surprise && !details.card && !details.wishes) return null;
  return (
    <section class="card">
      {details.gift && <p class="note">{t.gift}</p>}
      {details.surprise && <p class="note">{t.surprise}</p>}
      {details.card && <div><h2>{t.card}</h2><p class="words">{details.card}</p></div>}
      {details.wishes && <div><h2>{t.wishes}</h2><p class="words">{details.wishes}</p></div>}
    </section>
  );
}

/** A photo by the camera of the phone, or a file. `onTaken` gets it small, and without its place and time. */
export function Photo({ label, onTaken }: { label: string; onTaken: (photo: Blob | null) => void }): JSX.Element {
  const t = useWords();
  const [address, setAddress] = useState("");
  const [bad, setBad] = useState(false);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const photo = await encodeImage(file).catch(() => null);
    setBad(!photo);
    setAddress(photo ? URL.createObjectURL(photo) : "");
    onTaken(photo);
  };
  return (
    <div class="photo">
      {address && <img src={address} alt={t.photoTaken} />}
      <label class="button big"><Icon name="plus" size={22} /><span>{address ? t.photoAgain : label}</span>
        <input type="file" accept="image/*" capture="environment" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      <p role="status" class={bad ? "bad-text" : "soft"}>{bad ? t.photoBad : address ? t.photoTaken : ""}</p>
    </div>
  );
}

/** Actions that the API refused, with the reason, until the person has read them. */
export function Refused(): JSX.Element {
  const t = useWords();
  return (
    <div role="alert" class="refusals">
      {refused.value.map((sending) => (
        <section key={sending.n} class="refusal">
          <h2><Icon name="warning" />{t.refused}{sending.number !== null && `: ${t.order(sending.number)}`}</h2>
          <p>{t.refusedAction(t.actions[sending.action ?? (sending.kind === "action" ? "message" : sending.kind)], time(sending.at))}</p>
          <p><b>{reasonOf(sending, t)}</b></p>
          <Big onPress={() => void dismiss(sending)}>{t.understood}</Big>
        </section>
      ))}
    </div>
  );
}

function reasonOf({ refusal }: Sending, t: ReturnType<typeof useWords>): string {
  if (!refusal) return "";
  return (t.reasons as Record<string, string>)[refusal.code] ?? `${refusal.detail || refusal.code}`;
}
