// Every timer of the system: when it runs, how it went, and the buttons to run, pause and change it.
import type { JSX } from "preact";
import { Card, Load, Page, Table, chain, format, useApi, useTexts, type PageProps } from "../../kit";
import { useTimerName } from "../../parts/timers";
import en from "./en";
import { wordsOf, type Timer, type TimerList } from "./model";
import { OneTimerPage } from "./one";
import { LastRun, TimerState, useRuns } from "./parts";
import zh from "./zh";

export default function TimersPage({ parts }: PageProps): JSX.Element {
  const [key] = parts;
  return key ? <OneTimerPage key={key} timer={key} /> : <Timers />;
}

function Timers(): JSX.Element {
  const t = useTexts({ en, zh });
  const nameOf = useTimerName();
  const list = useApi<TimerList>("/v1/timers", { chain: chain.value }, { live: { topics: ["timers"] } });
  useRuns(list.reload);
  return (
    <Page title={t.title} of={list}>
      <Load of={list} lines={8}>
        {({ zone, timers, refusal }) => (
          <>
            <p class="soft">{t.about(zone)}{refusal === "other_chains" && ` ${t.refusals.other_chains}`}</p>
            <Card flush>
              <Table label={t.title} rows={[...timers].sort(worstFirst)} rowKey={({ timer }) => timer} to={({ timer }) => `/timers/${timer}`}
                tone={(timer) => (timer.alerts.length ? "bad" : timer.paused ? "wait" : undefined)}
                columns={[
                  { key: "timer", head: t.timer, cell: (timer) => nameOf(timer.timer) },
                  { key: "state", head: t.state, narrow: "bare", cell: (timer) => <TimerState timer={timer} /> },
                  { key: "schedule", head: t.schedule, cell: (timer) => wordsOf(timer.schedule, t) },
                  { key: "last", head: t.last, cell: (timer) => <LastRun timer={timer} /> },
                  { key: "next", head: t.next, cell: ({ next_at: next }) => (next ? format.moment(next, zone) : "–") },
                  { key: "today", head: t.today, narrow: "hide", cell: ({ missed, failed }) => (missed || failed ? t.counts(missed, failed) : "–") },
                ]} />
            </Card>
          </>
        )}
      </Load>
    </Page>
  );
}

const weight = (timer: Timer): number => (timer.alerts.length ? 0 : timer.failed ? 1 : timer.paused ? 2 : 3);
const worstFirst = (one: Timer, other: Timer): number => weight(one) - weight(other) || one.timer.localeCompare(other.timer);
