// What the desk has not read: chats of customers, couriers and packers, and notices such as a courier who went home.
import type { JSX } from "preact";
import { Card, Empty, Link, Load, State, chain, format, may, useApi, useLive, useTexts, type Loaded, type StoreNames } from "../../kit";
import en from "./en";
import type { Conversation, Message, Unread } from "./model";
import zh from "./zh";

const EVERY = 15_000; // what another desk reads makes no live change
const WATCH = ["delivery"];

/** Unread conversations of a store, or of all stores of the desk. */
export function useUnread(store: string): Loaded<Unread> {
  const unread = useApi<Unread>(may("delivery:manage", store || undefined) ? "/v1/inbox/unread" : null, { chain: chain.value, store }, { every: EVERY });
  useLive(may("delivery:manage") ? { topics: WATCH, ...(store ? { stores: [store] } : {}) } : null, unread.reload);
  return unread;
}

export const countOf = (unread: Unread | undefined): number => (unread?.conversations ?? []).reduce((sum, one) => sum + one.unread, 0);

export const unreadOf = (unread: Unread | undefined, delivery: string): number => unread?.conversations.find((one) => one.delivery === delivery)?.unread ?? 0;

export function UnreadList({ unread, names }: { unread: Loaded<Unread>; names: StoreNames }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.messages} note={t.unreadNote}>
      <Load of={unread} isEmpty={({ conversations }) => conversations.length === 0} empty={<Empty icon="chat" title={t.allRead} hint={t.allReadHint} />}>
        {({ conversations }) => <ul class="delivery-unread">{conversations.map((one) => <Waiting key={`${one.store} ${one.conversation}`} of={one} names={names} />)}</ul>}
      </Load>
      {Boolean(unread.data?.stores_left_out) && <p class="soft">{t.storesLeftOut(format.number(unread.data?.stores_left_out ?? 0))}</p>}
    </Card>
  );
}

function Waiting({ of: { store, delivery, unread, last }, names }: { of: Conversation; names: StoreNames }): JSX.Element {
  const t = useTexts({ en, zh });
  const from = last.sender.party ? [t.parties[last.sender.party] ?? last.sender.party, last.sender.name].filter(Boolean).join(" ") : t.system;
  return (
    <li data-unread={delivery}>
      <p class="delivery-card-head">
        <Link to={`/delivery/${delivery}`}>{last.values.number === undefined ? t.openDelivery : t.order(last.values.number)}</Link>
        <State tone={last.kind === "notice" ? "bad" : "info"} icon="chat">{t.unread(format.number(unread))}</State>
      </p>
      <p>{textOf(last, t)}</p>
      <p class="soft small">{[from, names[store] ?? store].join(" · ")} · <time dateTime={last.at}>{format.moment(last.at)}</time></p>
    </li>
  );
}

/** The text of a chat, or the words of a step with its reason. */
export const textOf = ({ template, values }: Message, t: Pick<typeof en, "steps">): string =>
  values.text ?? [t.steps[template] ?? template, values.reason].filter(Boolean).join(": ");
