// Orders without an answer, the oldest first, with the next step and its time; those that escalate stand above.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AsOf, Button, Card, Empty, Failure, Loading, Row, State, Table, chain, format, usePages, useTexts } from "../../kit";
import { AnswerButtons } from "./answer";
import en from "./en";
import { LIVE, NOTICE_TONES, escalates, lastStep, nextStep, wordOf, type Notice } from "./model";
import zh from "./zh";

const TICK = 1_000;

export function Waiting(): JSX.Element {
  const t = useTexts({ en, zh });
  const notices = usePages<Notice>("/v1/outlets/notices", { chain: chain.value, order: "oldest", limit: 100 }, "notices", { cursor: "after", ...LIVE });
  useTick(Boolean(notices.data?.length));
  const rows = notices.data ?? [];
  const urgent = rows.filter(escalates);
  const quiet = rows.filter((notice) => !escalates(notice));
  return (
    <>
      <Row><AsOf of={notices} /></Row>
      <Failure problem={notices.problem} retry={notices.reload} />
      {!notices.data && !notices.problem && <Card><Loading lines={6} /></Card>}
      {notices.data && rows.length === 0 && <Card><Empty icon="good" title={t.allConfirmed} hint={t.allConfirmedHint} /></Card>}
      {urgent.length > 0 && <NoticeTable title={t.escalating} rows={urgent} reload={notices.reload} />}
      {quiet.length > 0 && <NoticeTable title={t.notConfirmed} rows={quiet} reload={notices.reload} />}
      {notices.more && <Row><Button onPress={notices.more} busy={notices.loading}>{t.more}</Button></Row>}
    </>
  );
}

function NoticeTable({ title, rows, reload }: { title: string; rows: Notice[]; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={title} note={t.orders(format.number(rows.length), rows.length === 1)} flush>
      <Table label={title} rows={rows} rowKey={({ notice }) => notice} tone={(notice) => (escalates(notice) ? "bad" : undefined)}
        to={({ outlet, notice }) => `/outlets/${encodeURIComponent(outlet)}/${notice}`}
        columns={[
          { key: "order", head: t.order, cell: ({ outlet, number }) => <>{number ?? t.forgotten} <span class="soft">{outlet}</span></> },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <span class="outlets-time"><State tone={NOTICE_TONES[state] ?? "still"}>{wordOf(t.states, state)}</State></span> },
          { key: "since", head: t.since, cell: ({ created_at: at }) => <span class="outlets-time">{format.ago(at)}</span> },
          ...(rows.some(escalates) ? [{ key: "last", head: t.lastStep, cell: (notice: Notice) => <Last notice={notice} /> }] : []),
          { key: "next", head: t.nextStep, cell: (notice) => <Next notice={notice} /> },
          { key: "limit", head: t.limit, narrow: "hide", cell: ({ limit_at: at, timezone }) => <span class="outlets-time">{format.time(at, timezone ?? undefined)}</span> },
          { key: "answer", head: t.answer, end: true, cell: (notice) => <AnswerButtons notice={notice} after={reload} small /> },
        ]} />
    </Card>
  );
}

function Last({ notice }: { notice: Notice }): JSX.Element {
  const t = useTexts({ en, zh });
  const step = lastStep(notice);
  if (!step) return <span class="soft">–</span>;
  return <>{wordOf(t.actions, step.action)} <span class="soft">{step.done_at && format.ago(step.done_at)}</span></>;
}

export function Next({ notice }: { notice: Notice }): JSX.Element {
  const t = useTexts({ en, zh });
  const step = nextStep(notice);
  if (!step) return <span class="soft">{t.noStep}</span>;
  const at = format.clock(step.due_at, notice.timezone ?? undefined);
  return <>{wordOf(t.actions, step.action)} <span class="soft outlets-time">{`${at} · ${format.ago(step.due_at)}`}</span></>;
}

/** Times such as "in 20 seconds" go on while the page is looked at. */
function useTick(on: boolean): void {
  const [, show] = useState(0);
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => !document.hidden && show((count) => count + 1), TICK);
    return () => clearInterval(timer);
  }, [on]);
}
