// What happened to an order, step by step, with the message behind each step.
import type { JSX } from "preact";
import { Icon, format, useTexts, type IconName } from "../../kit";
import { useJobTexts, wordOf } from "../../parts/jobs";
import en from "./en";
import type { Step } from "./model";
import zh from "./zh";

const ICONS: Record<string, IconName> = { order: "orders", print: "ticket", printing: "printer", member: "members", delivery: "map", outlet: "chat" };
const BAD = ["print.job_failed", "print.job_unknown", "printing.needs_person", "order.cancelled", "order.differs", "outlet.escalated"];

export function Timeline({ steps, currency, zone }: { steps: Step[]; currency: string; zone: string | undefined }): JSX.Element {
  return <ol class="order-steps">{steps.map((step) => <OneStep key={step.message} step={step} currency={currency} zone={zone} />)}</ol>;
}

function OneStep({ step, currency, zone }: { step: Step; currency: string; zone: string | undefined }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = useJobTexts();
  // The rest of the facts is for engineers, and is in the message.
  const facts = Object.entries(step.facts).filter(([name, value]) => name in t.facts && value !== null && value !== "");
  const shown = (name: string, value: unknown) => (["amount", "tip"].includes(name) ? format.money(Number(value), currency) : wordOf(t.values[name] ?? { ...t.states, ...t.payments, ...words.kinds }, String(value)));
  return (
    <li class={BAD.includes(step.type) ? "bad" : ""}>
      <Icon name={ICONS[step.kind] ?? "dash"} size={18} />
      <div>
        <p><strong>{wordOf(t.events, step.type)}</strong> <time class="soft" dateTime={step.at}>{format.clock(step.at, zone)}</time></p>
        {facts.length > 0 && <p class="soft">{facts.map(([name, value]) => `${wordOf(t.facts, name)}: ${shown(name, value)}`).join(" · ")}</p>}
        <details><summary>{t.message}</summary><pre>{`${step.type} ${step.message}\n${JSON.stringify(step.data, null, 2)}`}</pre></details>
      </div>
    </li>
  );
}
