// The flows of a system with their last runs, and the documents that are not done by the person who must act.
import type { JSX } from "preact";
import { Card, State, Table, format, useTexts } from "../../kit";
import en from "./en";
import type { Flow, Waiting } from "./model";
import zh from "./zh";

export function Flows({ flows }: { flows: Flow[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.flows} flush>
      <Table label={t.flows} rows={flows} rowKey={({ flow }) => flow}
        columns={[
          { key: "flow", head: t.flow, cell: ({ flow }) => t.names[flow] ?? flow },
          { key: "last", head: t.last, cell: (flow) => <LastRun flow={flow} /> },
          { key: "lag", head: t.lag, end: true, cell: ({ lag_seconds: lag }) => format.duration(lag) },
          { key: "rows", head: t.rows, end: true, narrow: "hide", cell: (flow) => `${format.number(flow.rows_read)} / ${format.number(flow.rows_changed)}` },
          { key: "open", head: t.open, end: true, cell: ({ open }) => format.number(open.reduce((sum, { documents }) => sum + documents, 0)) },
        ]} />
    </Card>
  );
}

function LastRun({ flow }: { flow: Flow }): JSX.Element {
  const t = useTexts({ en, zh });
  if (!flow.enabled) return <State tone="still">{t.stopped}</State>;
  if (!flow.ended_at) return <span class="soft">{t.never}</span>;
  return <><Outcome outcome={flow.outcome ?? ""} /> <span class="soft">{format.ago(flow.ended_at)}</span></>;
}

function Outcome({ outcome }: { outcome: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const text = t.outcomes[outcome];
  if (outcome === "differs" || outcome === "no_answer_file") return <State tone="wait">{text}</State>;
  return text ? <State tone="good">{text}</State> : <State tone="bad">{t.failing(outcome)}</State>;
}

export function WhoMustAct({ flows }: { flows: Flow[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const rows: (Waiting & { flow: string })[] = flows.flatMap(({ flow, open }) => open.map((waiting) => ({ ...waiting, flow })));
  return (
    <Card title={t.waiting} note={t.waitingNote} flush={rows.length > 0}>
      {rows.length === 0 ? <State tone="good">{t.nothingWaits}</State> : (
        <Table label={t.waiting} rows={rows} rowKey={(row) => [row.flow, row.goal, row.state, row.cause, row.reason].join()}
          tone={({ state }) => (state === "parked" ? "bad" : undefined)}
          columns={[
            { key: "who", head: t.who, cell: ({ cause }) => t.causes[cause ?? "none"] ?? cause },
            { key: "flow", head: t.flow, cell: ({ flow }) => t.names[flow] ?? flow },
            { key: "reason", head: t.reason, cell: ({ reason }) => reason ?? "–" },
            { key: "documents", head: t.documents, end: true, cell: ({ documents }) => format.number(documents) },
            { key: "oldest", head: t.oldest, end: true, narrow: "hide", cell: ({ oldest }) => format.ago(oldest) },
          ]} />
      )}
    </Card>
  );
}
