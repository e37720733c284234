// One notice: what the outlet got, every message with its evidence, and the steps.
import type { JSX } from "preact";
import { Card, Facts, Grid, Load, Page, State, Table, chain, format, useApi, useTexts } from "../../kit";
import { AnswerButtons } from "./answer";
import en from "./en";
import { LIVE, MESSAGE_TONES, NOTICE_TONES, wordOf, type NoticeDetail } from "./model";
import zh from "./zh";

export function OneNotice({ outlet, notice }: { outlet: string; notice: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const asked = useApi<NoticeDetail>(`/v1/outlets/notices/${notice}`, { chain: chain.value }, LIVE);
  const title = asked.data ? t.orderOf(asked.data.number ?? t.forgotten, outlet) : outlet;
  return (
    <Page title={title} of={asked} back={{ to: `/outlets/${encodeURIComponent(outlet)}`, label: outlet }}
      actions={asked.data && <AnswerButtons notice={asked.data} after={asked.reload} />}>
      <Load of={asked} lines={8}>
        {(found) => (
          <Grid columns={2}>
            <Evidence notice={found} />
            <Card title={t.whatItGot}>{found.text ? <pre class="outlets-bubble">{found.text}</pre> : <p class="soft">{t.forgottenHint}</p>}</Card>
            <Messages notice={found} />
            <Steps notice={found} />
          </Grid>
        )}
      </Load>
    </Page>
  );
}

function Evidence({ notice }: { notice: NoticeDetail }): JSX.Element {
  const t = useTexts({ en, zh });
  const at = (moment: string | null) => (moment ? format.clock(moment, notice.timezone ?? undefined) : "–");
  const rows: [string, JSX.Element | string][] = [
    [t.state, <State tone={NOTICE_TONES[notice.state] ?? "still"}>{wordOf(t.states, notice.state)}</State>],
    [t.evidence, notice.evidence ? wordOf(t.evidences, notice.evidence) : "–"],
    [t.placed, format.moment(notice.created_at, notice.timezone ?? undefined)],
    [t.sentAt, at(notice.sent_at)],
    [t.deliveredAt, at(notice.delivered_at)],
    [t.readAt, at(notice.read_at)],
    [t.limit, at(notice.limit_at)],
  ];
  if (notice.ended_at) rows.push([t.answeredAt, at(notice.ended_at)]);
  if (notice.ready_minutes) rows.push([t.readyIn, t.minutes(String(notice.ready_minutes))]);
  if (notice.reason) rows.push([t.reason, wordOf(t.reasons, notice.reason)]);
  if (notice.answered_by) rows.push([t.answeredBy, notice.answered_by]);
  return <Card title={t.known}><Facts rows={rows} /></Card>;
}

function Messages({ notice }: { notice: NoticeDetail }): JSX.Element {
  const t = useTexts({ en, zh });
  const keyed = notice.messages.map((message, at) => ({ ...message, id: String(at) }));
  return (
    <Card title={t.messages} flush={keyed.length > 0}>
      {keyed.length === 0 ? <p class="soft">{t.noMessages}</p> : (
        <Table label={t.messages} rows={keyed} rowKey={({ id }) => id} columns={[
          { key: "to", head: t.to, cell: ({ robot, address, again }) => <span class="outlets-address">{`${robot} → ${address}`}{again && <span class="soft">{` · ${t.again}`}</span>}</span> },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={MESSAGE_TONES[state] ?? "still"}>{wordOf(t.messageStates, state)}</State> },
          { key: "why", head: t.why, cell: ({ failure, detail, sent_at: sent }) => failure ? <span class="outlets-address">{[failure, detail].filter(Boolean).join(": ")}</span> : sent ? format.clock(sent, notice.timezone ?? undefined) : "–" },
        ]} />
      )}
    </Card>
  );
}

function Steps({ notice }: { notice: NoticeDetail }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.steps} flush={notice.steps.length > 0}>
      {notice.steps.length === 0 ? <p class="soft">{t.noStep}</p> : (
        <Table label={t.steps} rows={notice.steps} rowKey={({ action }) => action} columns={[
          { key: "action", head: t.step, cell: ({ action }) => wordOf(t.actions, action) },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={state === "done" ? "bad" : state === "due" ? "wait" : "still"}>{t.stepStates[state]}</State> },
          { key: "due", head: t.due, end: true, cell: ({ due_at: due }) => format.clock(due, notice.timezone ?? undefined) },
        ]} />
      )}
    </Card>
  );
}
