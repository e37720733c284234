// Every action on a delivery in the order of receipt, the refused ones with their reason.
import type { JSX } from "preact";
import { Card, Load, State, Table, format, session, useApi, useTexts } from "../../kit";
import en from "./en";
import type { Courier, Delivery, Step } from "./model";
import zh from "./zh";

const LATE_SECONDS = 60; // from which an action was kept off line, or its phone was slow

export function Trace({ delivery, couriers }: { delivery: Delivery; couriers: Courier[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const trace = useApi<{ actions: Step[] }>(`/v1/deliveries/${encodeURIComponent(delivery.id)}/trace`, {}, { live: { topics: ["delivery"], stores: [delivery.store] }, only: ({ subject }) => subject.includes(delivery.id) });
  return (
    <Card title={t.trace} note={t.traceNote} flush>
      <Load of={trace} isEmpty={({ actions }) => actions.length === 0} empty={<p class="soft delivery-padded">{t.noTrace}</p>}>
        {({ actions }) => (
          <Table label={t.trace} rows={actions} rowKey={({ id }) => id} tone={({ refusal }) => (refusal ? "bad" : undefined)} columns={[
            { key: "action", head: t.action, cell: ({ action }) => t.actions[action] ?? action },
            { key: "became", head: t.state, narrow: "bare", cell: (step) => <Result step={step} /> },
            { key: "actor", head: t.actor, cell: (step) => <Actor step={step} couriers={couriers} /> },
            { key: "detail", head: t.reason, cell: (step) => <Reason step={step} couriers={couriers} /> },
            { key: "at", head: t.time, end: true, cell: (step) => <Times step={step} /> },
          ]} />
        )}
      </Load>
    </Card>
  );
}

function Result({ step }: { step: Step }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = { ...t.carriage, ...t.goods };
  if (step.refusal) return <State tone="bad">{t.refused}</State>;
  return <State tone="good">{words[step.became ?? ""] ?? step.became ?? ""}</State>;
}

function Actor({ step, couriers }: { step: Step; couriers: Courier[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const courier = couriers.find(({ client }) => client === step.actor);
  if (courier) return <>{courier.name}</>;
  if (step.actor in t.actors) return <>{t.actors[step.actor]}</>;
  if (/^k[0-9a-f]{16}$/.test(step.actor)) return <>{t.key(step.actor)}</>;
  if (!step.actor.startsWith("p-")) return <>{step.actor}</>;
  return <>{step.actor === `p-${session.value?.person}` ? t.you : t.person}</>;
}

function Reason({ step, couriers }: { step: Step; couriers: Courier[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = { ...t.carriage, ...t.goods };
  const word = (state: string | null) => words[state ?? ""] ?? state ?? "";
  if (!step.refusal) return <>{couriers.find(({ id }) => id === step.detail)?.name ?? step.detail ?? "–"}</>;
  const states = step.expected && step.expected !== step.found ? ` ${t.expectedFound(word(step.expected), word(step.found))}` : "";
  return <>{t.refusals[step.refusal] ?? step.detail ?? step.refusal}<span class="soft">{states}</span></>;
}

function Times({ step }: { step: Step }): JSX.Element {
  const t = useTexts({ en, zh });
  const seconds = (new Date(step.received_at).getTime() - new Date(step.happened_at).getTime()) / 1_000;
  return <><time dateTime={step.happened_at}>{format.clock(step.happened_at)}</time>{seconds > LATE_SECONDS && <span class="soft small delivery-received">{t.received(format.clock(step.received_at))}</span>}</>;
}
