// One timer: its facts, its buttons, its runs and their logs.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Empty, Facts, Load, Page, PagedTable, Row, State, Tabs, chain, format, post, useApi, usePages, useTab, useTexts } from "../../kit";
import { useTimerName, useTimerWork } from "../../parts/timers";
import en from "./en";
import { took, whoIs, wordsOf, type OneTimer, type Outcome, type Run, type Timer } from "./model";
import { OutcomeState, TimerState, useRuns } from "./parts";
import { ScheduleForm } from "./schedule";
import zh from "./zh";

export function OneTimerPage({ timer: key }: { timer: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const nameOf = useTimerName();
  const path = `/v1/timers/${encodeURIComponent(key)}`;
  const one = useApi<OneTimer>(path, { chain: chain.value }, { live: { topics: ["timers"] } });
  const [askedAt, setAskedAt] = useState(0);
  useRuns(one.reload, askedAt);
  return (
    <Page title={nameOf(key)} of={one} back={{ to: "/timers", label: t.title }}>
      <Load of={one}>{({ timer, zone, manages, refusal }) => (
        <>
          <Card actions={manages && <Changes timer={timer} zone={zone} path={path} after={one.reload} started={() => setAskedAt(Date.now())} />}>
            <TimerFacts timer={timer} zone={zone} />
            {refusal && <p class="soft">{t.refusals[refusal]}</p>}
          </Card>
          <Runs path={path} zone={zone} manages={manages} began={timer.last?.id ?? ""} askedAt={askedAt} />
        </>
      )}</Load>
    </Page>
  );
}

function TimerFacts({ timer, zone }: { timer: Timer; zone: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const schedule = wordsOf(timer.schedule, t);
  const workOf = useTimerWork();
  return (
    <Facts rows={[
      [t.state, <><TimerState timer={timer} />{timer.alerts.map(({ id, kind, since, acts }) => <p key={id}>{t.alerts[kind]}, {format.moment(since, zone)}. {t.acts(t.roles[acts] ?? acts)}</p>)}
        {timer.paused_at && <p class="soft">{t.pausedBy(whoIs(timer.paused_by, timer.paused_by_name, t), format.moment(timer.paused_at, zone))}</p>}
        {!timer.applied && <p><State tone="wait">{t.applied}</State></p>}</>],
      [t.does, workOf(timer.timer, timer.does)],
      [t.schedule, timer.changed ? `${schedule} (${t.changed(wordsOf(timer.schedule_of_template, t))})` : schedule],
      [t.next, timer.next_at ? format.moment(timer.next_at, zone) : "–"],
      [t.today, t.counts(timer.missed, timer.failed)],
      [t.overlap, t.overlaps[timer.overlap]],
      [t.limit, format.duration(timer.time_limit_seconds)],
      [t.timer, <code>{timer.timer}</code>],
    ]} />
  );
}

function Changes({ timer, zone, path, after, started }: { timer: Timer; zone: string; path: string; after: () => void; started: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [changing, setChanging] = useState(false);
  const name = useTimerName()(timer.timer);
  const body = { chain: chain.value };
  const done = () => {
    setChanging(false);
    after();
  };
  return (
    <Row>
      <Action icon="play" act={(key) => post(`${path}/run`, body, key)} done={t.started} after={started}
        confirm={{ title: t.runNowTitle(name), text: t.runNowText }}>{t.runNow}</Action>
      {timer.paused
        ? <Action kind="main" icon="play" act={(key) => post(`${path}/resume`, body, key)} after={after}>{t.resume}</Action>
        : timer.bounds.pausable
          ? <Action icon="pause" act={(key) => post(`${path}/pause`, body, key)} after={after} confirm={{ title: t.pauseTitle(name), text: t.pauseText }}>{t.pause}</Action>
          : <span class="soft">{t.essential}</span>}
      <Button icon="edit" onPress={() => setChanging(true)}>{t.change}</Button>
      <Dialog open={changing} title={t.change} onClose={() => setChanging(false)}><ScheduleForm timer={timer} zone={zone} path={path} after={done} /></Dialog>
    </Row>
  );
}

const FILTERS: ("all" | Outcome)[] = ["all", "failed", "hung", "skipped"];

function Runs({ path, zone, manages, began, askedAt }: { path: string; zone: string; manages: boolean; began: string; askedAt: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const outcome = useTab(FILTERS);
  const runs = usePages<Run>(`${path}/runs`, { chain: chain.value, outcome: outcome === "all" ? undefined : outcome, limit: 30 }, "runs", { cursor: "after", every: 0 });
  useRuns(runs.reload, askedAt);
  const [shown, setShown] = useState<Run | null>(null);
  return (
    <Card title={t.runs} flush actions={<Tabs label={t.outcome} tabs={FILTERS.map((id) => ({ id, label: id === "all" ? t.all : t.outcomes[id] }))} />}>
      <PagedTable of={runs} label={t.runs} rowKey={({ id }) => id} fresh={({ id }) => id > began}
        tone={(run) => (run.outcome === "failed" || run.outcome === "hung" ? "bad" : undefined)}
        empty={<Empty icon="timers" title={t.noRuns} hint={t.noRunsHint} />}
        columns={[
          { key: "began", head: t.began, cell: (run) => format.moment(run.began_at, zone) },
          { key: "outcome", head: t.outcome, cell: (run) => <><OutcomeState outcome={run.outcome} />{(run.error ?? t.outcomeHints[run.outcome]) && <p class="soft timers-error">{run.error ?? t.outcomeHints[run.outcome]}</p>}</> },
          { key: "took", head: t.took, end: true, cell: took },
          { key: "cause", head: t.cause, cell: (run) => whoIs(run.asked_by, run.asked_by_name, t) || t.bySchedule },
          ...(manages ? [{ key: "log", head: t.log, narrow: "bare" as const, cell: (run: Run) => <Button small kind="quiet" label={t.logOf(format.moment(run.began_at, zone))} onPress={() => setShown(run)}>{t.log}</Button> }] : []),
        ]} />
      <Dialog open={shown !== null} title={t.logOf(shown ? format.moment(shown.began_at, zone) : "")} onClose={() => setShown(null)} wide>
        {shown && <RunLog path={`${path}/runs/${shown.id}/log`} />}
      </Dialog>
    </Card>
  );
}

interface Log {
  group: string;
  lines: string[];
  complete: boolean;
}

function RunLog({ path }: { path: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const log = useApi<Log>(path, { chain: chain.value }, { every: 0 });
  return (
    <Load of={log}>{({ group, lines, complete }) => (
      <>
        {lines.length ? <pre class="timers-log" tabIndex={0}>{lines.join("\n")}</pre> : <Empty icon="audit" title={t.log} hint={t.noLines} />}
        {!complete && <p>{t.more} <code>{group}</code></p>}
      </>
    )}</Load>
  );
}
