// One job: what it does and when, its buttons, and what happened.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Empty, Facts, Load, Page, Row, State, Table, format, may, post, send, useApi, useStoreNames, useTexts } from "../../kit";
import { useTimerName } from "../../parts/timers";
import en from "./en";
import { JobForm } from "./job_form";
import { detailOf, whenOf, type Job, type JobRun } from "./model";
import { JobState } from "./state";
import zh from "./zh";

export function OneJob({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  const live = { live: { topics: ["jobs"] } };
  const one = useApi<Job>(path, {}, live);
  const runs = useApi<{ runs: JobRun[] }>(`${path}/runs`, {}, live);
  return (
    <Page title={one.data?.title ?? t.job} of={one} back={{ to: "/jobs", label: t.title }}>
      <Load of={one}>{(job) => (
        <Card actions={may("jobs:manage") && job.status !== "cancelled" && <Changes job={job} path={path} after={one.reload} />}><JobFacts job={job} /></Card>
      )}</Load>
      <Card title={t.runs} flush>
        <Load of={runs} isEmpty={({ runs: rows }) => rows.length === 0} empty={<Empty icon="jobs" title={t.noRuns} hint={t.noRunsHint} />}>
          {({ runs: rows }) => (
            <Table label={t.runs} rows={rows} rowKey={(run) => run.occurs_at + run.phase}
              tone={({ outcome }) => (outcome === "failed" ? "bad" : outcome === "missed" ? "wait" : undefined)}
              columns={[
                { key: "occurs", head: t.occurs, cell: (run) => format.moment(run.occurs_at, one.data?.when.zone) },
                { key: "phase", head: t.phase, cell: (run) => t.phases[run.phase] },
                { key: "outcome", head: t.outcome, cell: (run) => <><State tone={run.outcome === "done" ? "good" : run.outcome === "failed" ? "bad" : "wait"}>{t.outcomes[run.outcome]}</State>{run.error && <p class="soft">{run.error}</p>}</> },
              ]} />
          )}
        </Load>
      </Card>
    </Page>
  );
}

function JobFacts({ job }: { job: Job }): JSX.Element {
  const t = useTexts({ en, zh });
  const names = useStoreNames(job.stores);
  const timerName = useTimerName();
  const at = (moment: string) => format.moment(moment, job.when.zone);
  return (
    <Facts rows={[
      [t.state, <JobState status={job.status} />],
      [t.action, <>{t.actions[job.action]}<p class="jobs-detail">{detailOf(job, t, timerName)}</p></>],
      [t.stores, job.stores.map((id) => names[id] ?? id).join(", ") || t.allStores],
      [t.when, `${whenOf(job.when, t)} (${job.when.zone})`],
      ...(job.open_until ? [[t.open, at(job.open_until)] as [string, string]] : []),
      [t.coming, job.coming.map(at).join(" · ") || t.nothingComing],
      [t.made, t.madeBy(job.created_by_name ?? t.key(job.created_by), at(job.created_at))],
      [t.changed, t.madeBy(job.changed_by_name ?? t.key(job.changed_by), at(job.changed_at))],
    ]} />
  );
}

function Changes({ job, path, after }: { job: Job; path: string; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [changing, setChanging] = useState(false);
  const done = () => {
    setChanging(false);
    after();
  };
  return (
    <Row>
      <Button icon="edit" onPress={() => setChanging(true)}>{t.change}</Button>
      {job.status === "active" && <Action icon="pause" act={(key) => post(`${path}/pause`, undefined, key)} after={after}>{t.pause}</Action>}
      {job.status === "paused" && <Action kind="main" icon="play" act={(key) => post(`${path}/resume`, undefined, key)} after={after}>{t.resume}</Action>}
      {job.status !== "ended" && (
        <Action kind="danger" act={(key) => send("DELETE", path, undefined, key)} after={after} confirm={{ title: t.cancelTitle(job.title), text: t.cancelText, button: t.cancel }}>{t.cancel}</Action>
      )}
      <Dialog open={changing} title={t.change} onClose={() => setChanging(false)} wide><JobForm job={job} after={done} /></Dialog>
    </Row>
  );
}
