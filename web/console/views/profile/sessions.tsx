// The sessions of the person: where they began, when they were used, and a button that ends each.
import type { JSX } from "preact";
import { Action, Card, Load, State, Table, format, send, useApi, useTexts } from "../../kit";
import { deviceName } from "./browsers";
import en from "./en";
import zh from "./zh";

interface SessionEntry {
  id: string;
  method: string;
  created_at: string;
  used_at: string;
  address: string;
  browser: string;
  present: boolean;
}

export function Sessions(): JSX.Element {
  const t = useTexts({ en, zh });
  const sessions = useApi<{ sessions: SessionEntry[] }>("/v1/sessions", {}, { every: 60_000 });
  const browser = (row: SessionEntry) => deviceName(row.browser) || t.unknown;
  const others = (sessions.data?.sessions.length ?? 0) > 1;
  return (
    <Card title={t.sessions} flush actions={others && <Action small kind="quiet" act={(key) => send("DELETE", "/v1/sessions", undefined, key)} after={sessions.reload}>{t.endOthers}</Action>}>
      <Load of={sessions}>
        {({ sessions: rows }) => (
          <Table label={t.sessions} rows={rows} rowKey={(row) => row.id} columns={[
            { key: "browser", head: t.browser, cell: browser },
            { key: "where", head: t.where, cell: (row) => row.address },
            { key: "how", head: t.how, narrow: "hide", cell: (row) => t.methods[row.method] ?? row.method },
            { key: "began", head: t.began, cell: (row) => format.moment(row.created_at) },
            { key: "used", head: t.used, cell: (row) => format.ago(row.used_at) },
            { key: "end", head: t.action, end: true, narrow: "bare", cell: (row) => (row.present ? <State tone="good">{t.here}</State> : (
              <Action small label={t.endSessionOf(browser(row))} act={(key) => send("DELETE", `/v1/sessions/${row.id}`, undefined, key)} done={t.ended} after={sessions.reload}>{t.endSession}</Action>
            )) },
          ]} />
        )}
      </Load>
    </Card>
  );
}
