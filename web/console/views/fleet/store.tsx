// One store: its agents, its printers, and the tickets that wait.
import type { JSX } from "preact";
import { Action, Button, Card, Load, Page, Row, State, Table, format, go, may, post, useApi, useTexts } from "../../kit";
import { JobsTable, PRINTER_TONES, Reroute, useJobTexts, wordOf } from "../../parts/jobs";
import en from "./en";
import { TONES, type Agent, type Printer, type StoreDetail } from "./model";
import zh from "./zh";

export function OneStore({ store, alone }: { store: string; alone: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = useJobTexts();
  const detail = useApi<StoreDetail>(`/v1/console/fleet/${encodeURIComponent(store)}`, {}, { live: { topics: ["fleet"], stores: [store] } });
  return (
    <Page title={detail.data?.name ?? store} of={detail} {...(alone ? {} : { back: { to: "/fleet", label: t.back } })}
      actions={may("printing:write", store) && <Button icon="edit" onPress={() => go(`/stores/${encodeURIComponent(store)}?tab=printers`)}>{t.setUp}</Button>}>
      <Load of={detail}>
        {(data) => (
          <>
            <Row>{data.reasons.length === 0 ? <State tone="good">{t.all}</State> : data.reasons.map((reason) => <State key={reason} tone={TONES[data.colour]}>{wordOf(t.reasons, reason)}</State>)}</Row>
            <Printers store={store} printers={data.printers} reload={detail.reload} />
            <Card title={words.jobs} flush><JobsTable store={store} jobs={data.jobs} printers={data.printers.map(({ id }) => id)} reload={detail.reload} /></Card>
            <Agents store={store} agents={data.agents} reload={detail.reload} />
          </>
        )}
      </Load>
    </Page>
  );
}

function Printers({ store, printers, reload }: { store: string; printers: Printer[]; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = useJobTexts();
  const test = (printer: string) => (key: string) => post(`/v1/printing/stores/${encodeURIComponent(store)}/printers/${encodeURIComponent(printer)}/test-page`, undefined, key);
  return (
    <Card title={t.printers} flush>
      <Table label={t.printers} rows={printers} rowKey={({ id }) => id} to={({ id }) => `/fleet/${encodeURIComponent(store)}/${encodeURIComponent(id)}`}
        tone={({ state }) => ({ bad: "bad", wait: "wait" } as const)[(PRINTER_TONES[state] ?? "still") as "bad" | "wait"]} columns={[
          { key: "printer", head: t.printer, cell: ({ id }) => id },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state, since }) => <><State tone={PRINTER_TONES[state] ?? "still"}>{wordOf(words.printers, state)}</State>{since && <span class="soft">{` ${t.since(format.ago(since))}`}</span>}</> },
          { key: "waiting", head: t.waiting, end: true, cell: ({ jobs_waiting, oldest_at }) => <>{format.number(jobs_waiting)}{oldest_at && <span class="soft">{` · ${t.oldest(format.ago(oldest_at))}`}</span>}</> },
          { key: "backup", head: t.backup, cell: ({ backup }) => backup ?? "–" },
          { key: "test", head: t.test, end: true, narrow: "bare", cell: ({ id, jobs_waiting }) => may("printing:operate", store) && (
            <span class="row job-actions">
              {jobs_waiting > 0 && <Reroute store={store} printer={id} printers={printers.map((one) => one.id)} reload={reload} />}
              <Action small act={test(id)} done={t.testDone} label={`${t.test}: ${id}`}>{t.test}</Action>
            </span>) },
        ]} />
    </Card>
  );
}

const AGENT_TONES: Record<string, "good" | "bad" | "still"> = { online: "good", offline: "bad", copied: "bad" };

function Agents({ store, agents, reload }: { store: string; agents: Agent[]; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.agents} flush>
      <Table label={t.agents} rows={agents} rowKey={({ id }) => id} columns={[
        { key: "agent", head: t.agent, cell: ({ name }) => name },
        { key: "state", head: t.state, narrow: "bare", cell: (agent) => <AgentState store={store} agent={agent} reload={reload} /> },
        { key: "seen", head: t.seen, cell: ({ seen_at }) => (seen_at ? format.ago(seen_at) : "–") },
        { key: "version", head: t.version, cell: ({ version, platform }) => `${version} ${platform}` },
      ]} />
    </Card>
  );
}

function AgentState({ store, agent, reload }: { store: string; agent: Agent; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const keep = (machine: string) => (key: string) => post(`/v1/printing/stores/${encodeURIComponent(store)}/agents/${encodeURIComponent(agent.id)}/machine`, { keep: machine }, key);
  return (
    <>
      <State tone={AGENT_TONES[agent.state] ?? "still"}>{wordOf(t.agentStates, agent.state)}</State>
      {agent.since && <span class="soft">{` ${t.since(format.ago(agent.since))}`}</span>}
      {agent.state === "online" && !agent.prints && <span class="soft">{` ${t.standby}`}</span>}
      {agent.state === "copied" && may("printing:enrol", store) && (
        <Row>
          <Action small act={keep("known")} after={reload} confirm={{ title: t.keep, text: t.known }}>{t.known}</Action>
          <Action small act={keep("new")} after={reload} confirm={{ title: t.keep, text: t.newOne }}>{t.newOne}</Action>
        </Row>
      )}
    </>
  );
}
