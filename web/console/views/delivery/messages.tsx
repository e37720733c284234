// Messages about a delivery, as the desk has them, and a form to write to courier, packer or customer.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Card, Form, Load, SelectField, TextArea, chain, format, may, notify, post, send, useApi, useTexts } from "../../kit";
import en from "./en";
import type { Delivery, Message } from "./model";
import { textOf } from "./unread";
import zh from "./zh";

export function Messages({ delivery }: { delivery: Delivery }): JSX.Element | null {
  const t = useTexts({ en, zh });
  const manages = may("delivery:manage", delivery.store);
  const messages = useApi<{ messages: Message[] }>(manages ? `/v1/deliveries/${delivery.id}/messages` : null, { party: "desk" }, { live: { topics: ["delivery"], stores: [delivery.store] }, only: ({ subject }) => subject.includes(delivery.id) });
  const last = messages.data?.messages.at(-1)?.seq;
  useEffect(() => {
    const body = { party: "desk", chain: chain.value, store: delivery.store, conversation: `delivery/${delivery.id}`, seq: last };
    if (last && !document.hidden) void send("PUT", "/v1/inbox/read", body).catch(() => undefined);
  }, [last]);
  if (!manages) return null;
  return (
    <Card title={t.messages}>
      <Load of={messages} isEmpty={(data) => data.messages.filter(isShown).length === 0} empty={<p class="soft">{t.noMessages}</p>}>
        {(data) => <Conversation messages={data.messages.filter(isShown)} />}
      </Load>
      <Write delivery={delivery} after={messages.reload} />
    </Card>
  );
}

/** The newest message is in sight. */
function Conversation({ messages }: { messages: Message[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => void list.current?.scrollTo(0, list.current.scrollHeight), [messages.length]);
  return <ol ref={list} class="delivery-messages" tabIndex={0} aria-label={t.messages}>{messages.map((message) => <OneMessage key={message.id} message={message} />)}</ol>;
}

// That a device has read something is no news to a person.
const isShown = ({ kind }: Message): boolean => kind !== "read";

function OneMessage({ message }: { message: Message }): JSX.Element {
  const t = useTexts({ en, zh });
  const { party, name } = message.sender;
  const from = party ? [t.parties[party] ?? party, name].filter(Boolean).join(" ") : t.system;
  const to = message.to.map((one) => t.parties[one] ?? one).join(", ");
  return (
    <li class={party ? `by-${party}` : "by-system"}>
      <p class="soft small">{party ? `${from} → ${to}` : from} <time dateTime={message.at}>{format.time(message.at)}</time></p>
      <p>{textOf(message, t)}</p>
    </li>
  );
}

const PARTIES = ["courier", "packer", "customer"];

function Write({ delivery, after }: { delivery: Delivery; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const parties = PARTIES.filter((party) => party !== "courier" || delivery.courier);
  const [to, setTo] = useState("");
  const [text, setText] = useState("");
  const chosen = parties.includes(to) ? to : (parties[0] ?? "packer");
  const done = () => {
    setText("");
    notify(t.sent);
    after();
  };
  return (
    <Form submit={t.send} after={done} onSend={(key) => post(`/v1/deliveries/${delivery.id}/messages`, { id: key, party: "desk", to: [chosen], text }, key)}>
      <SelectField label={t.writeTo} value={chosen} onChange={setTo} options={parties.map((party) => ({ value: party, label: t.parties[party] ?? party }))} />
      <TextArea label={t.write} rows={2} required value={text} onChange={setText} />
    </Form>
  );
}
