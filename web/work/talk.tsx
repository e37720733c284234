// The messages about one order, and a field to write one. Numbers of phones are in none.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { SelectField, TextField } from "../console/kit/form";
import { time } from "../console/kit/format";
import { markRead, messagesOf, openConversation, unsent, write, type Message, type Own, type Party } from "./inbox";
import type { Delivery } from "./model";
import { useWords } from "./texts";

export function Talk({ delivery, party, to }: { delivery: Delivery; party: Own; to: Party[] }): JSX.Element {
  const t = useWords();
  const [text, setText] = useState("");
  const [target, setTarget] = useState<Party>(to[0] ?? "desk");
  const { id, store } = delivery;
  const messages = messagesOf(party, store, id);
  const last = messages.at(-1)?.seq ?? 0;
  useEffect(() => void openConversation(party, store, id).catch(() => undefined), [id, last === 0]);
  useEffect(() => {
    if (!document.hidden) void markRead(party, store, id);
  }, [id, last]);
  const send = (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    void write(party, id, delivery.number, target, text.trim());
    setText("");
  };
  return (
    <section class="card">
      <h2>{t.messages}</h2>
      {messages.length === 0 && <p class="soft">{t.messagesNone}</p>}
      <ol class="talk" aria-live="polite">
        {messages.map((message) => <Bubble key={message.seq} message={message} party={party} />)}
        {unsent(party, id).map((waiting, at) => <li key={`unsent ${at}`} class="own unsent"><p>{waiting}</p><small>{t.pending}</small></li>)}
      </ol>
      <form class="talk-form" onSubmit={send}>
        <SelectField label={t.messageTo} value={target} onChange={(value) => setTarget(value as Party)} options={to.map((value) => ({ value, label: t.parties[value] }))} />
        <TextField label={t.message} value={text} onChange={setText} maxLength={1_000} autocomplete="off" />
        <button type="submit" class="button big main">{t.send}</button>
      </form>
    </section>
  );
}

function Bubble({ message, party }: { message: Message; party: Own }): JSX.Element {
  const t = useWords();
  const isOwn = message.sender.party === party;
  const from = isOwn ? t.you : message.sender.party ? t.parties[message.sender.party] : t.system;
  const step = (t.steps as Record<string, string>)[message.template.replace(/^delivery\./, "")];
  return (
    <li class={isOwn ? "own" : message.kind === "chat" ? "" : "step"}>
      <p>{message.kind === "chat" ? message.values.text : step ?? message.template}</p>
      <small>{from}{message.kind === "chat" && isOwn ? ` → ${message.to.map((one) => t.parties[one]).join(", ")}` : ""} · {time(message.at)}</small>
    </li>
  );
}
