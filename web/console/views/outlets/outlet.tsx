// One outlet: what its set-up lacks, its chats in order, people on call, times and quiet hours, and its notices.
import type { JSX } from "preact";
import { Card, Empty, Facts, Grid, Load, Page, PagedTable, State, Table, chain, format, useApi, usePages, useTexts } from "../../kit";
import en from "./en";
import { LIVE, NOTICE_TONES, wordOf, type Chat, type Missing, type Notice, type Outlet, type Person } from "./model";
import { OutletState } from "./outlet_list";
import zh from "./zh";

export function OneOutlet({ name }: { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const outlet = useApi<Outlet>(`/v1/outlets/stores/${encodeURIComponent(name)}`, { chain: chain.value }, LIVE);
  return (
    <Page title={name} of={outlet} back={{ to: "/outlets", label: t.title }} actions={outlet.data && <OutletState outlet={outlet.data} />}>
      <Load of={outlet} lines={8}>
        {(found) => (
          <>
            <Check name={name} />
            <Grid columns={2}>
              <Chats chats={found.chats} />
              <People name={name} />
              <Times outlet={found} />
            </Grid>
            <Notices name={name} zone={found.timezone} />
          </>
        )}
      </Load>
    </Page>
  );
}

function Check({ name }: { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const check = useApi<{ ready: boolean; missing: Missing[] }>(`/v1/outlets/stores/${encodeURIComponent(name)}/check`, { chain: chain.value }, LIVE);
  return (
    <Card title={t.check}>
      <Load of={check} lines={2}>
        {({ ready, missing }) => ready ? <State tone="good">{t.nothingMissing}</State> : (
          <ul class="outlets-missing">
            {missing.map((part) => (
              <li key={part.name + (part.subject ?? "")}><State tone="wait">{t.missing}</State> {wordOf(t.missingParts, part.name)}{part.subject && <span class="soft outlets-address">{` ${part.subject}`}</span>}</li>
            ))}
          </ul>
        )}
      </Load>
    </Card>
  );
}

function Chats({ chats }: { chats: Chat[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const rows = chats.map((chat, place) => ({ ...chat, place: place + 1 }));
  return (
    <Card title={t.chats} note={t.chatsNote} flush={rows.length > 0}>
      {rows.length === 0 ? <Empty icon="chat" title={t.noChats} hint={t.noChatsHint} /> : (
        <Table label={t.chats} rows={rows} rowKey={({ place }) => String(place)} tone={({ state }) => (state === "dead" ? "bad" : undefined)} columns={[
          { key: "chat", head: t.chat, cell: ({ place, robot, address }) => <span class="outlets-address">{`${place}. ${robot} → ${address}`}</span> },
          { key: "state", head: t.state, narrow: "bare", cell: (chat) => <ChatState chat={chat} /> },
          { key: "channel", head: t.channel, cell: ({ channel }) => (channel ? wordOf(t.channels, channel) : "–") },
          { key: "looked", head: t.lastLook, end: true, cell: ({ looked_at: at }) => (at ? format.ago(at) : t.never) },
        ]} />
      )}
    </Card>
  );
}

function ChatState({ chat }: { chat: Chat }): JSX.Element {
  const t = useTexts({ en, zh });
  if (chat.state === "dead") return <State tone="bad">{t.dead(chat.failure ?? "")}</State>;
  return chat.robot_state === "failing" ? <State tone="wait">{t.robotFails}</State> : <State tone="good">{t.alive}</State>;
}

function People({ name }: { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const people = useApi<{ people: Person[] }>("/v1/outlets/people", { chain: chain.value, outlet: name });
  return (
    <Card title={t.people} note={t.peopleNote} flush={(people.data?.people.length ?? 0) > 0}>
      <Load of={people} lines={3} isEmpty={({ people: rows }) => rows.length === 0} empty={<Empty icon="people" title={t.noPeople} hint={t.noPeopleHint} />}>
        {({ people: rows }) => (
          <Table label={t.people} rows={rows} rowKey={({ person }) => person} columns={[
            { key: "name", head: t.person, cell: ({ name: person, outlet }) => <>{person}{!outlet && <span class="soft">{` · ${t.wholeChain}`}</span>}</> },
            { key: "call", head: t.today, narrow: "bare", cell: ({ on_call: on }) => <State tone={on ? "good" : "still"}>{on ? t.onCall : t.notOnCall}</State> },
            { key: "role", head: t.role, cell: ({ role }) => wordOf(t.roles, role) },
            { key: "days", head: t.days, end: true, cell: ({ first_day: first, last_day: last }) => first || last ? `${first ? format.day(first) : "…"} – ${last ? format.day(last) : "…"}` : t.always },
          ]} />
        )}
      </Load>
    </Card>
  );
}

function Times({ outlet: { applied, timezone } }: { outlet: Outlet }): JSX.Element {
  const t = useTexts({ en, zh });
  const after = (seconds: number | null) => (seconds === null ? t.leftOut : t.after(format.duration(seconds)));
  const automatic = applied.automatic === "none" ? t.leftOut : `${wordOf(t.actions, applied.automatic)}, ${t.after(format.duration(Math.max(0, applied.limit_seconds - applied.automatic_before_seconds)))}`;
  return (
    <Card title={t.times} note={timezone}>
      <Facts rows={[
        [wordOf(t.actions, "again"), after(applied.again_seconds)],
        [wordOf(t.actions, "call"), after(applied.call_seconds)],
        [wordOf(t.actions, "second"), after(applied.second_seconds)],
        [wordOf(t.actions, "head_office"), after(applied.head_office_seconds)],
        [t.automatic, automatic],
        [t.quietHours, applied.quiet_from && applied.quiet_until ? `${applied.quiet_from} – ${applied.quiet_until}` : t.leftOut],
        [t.holidays, applied.holidays.length ? applied.holidays.map((day) => format.day(day)).join(", ") : t.leftOut],
        [t.languageOf, applied.language],
      ]} />
    </Card>
  );
}

function Notices({ name, zone }: { name: string; zone: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const notices = usePages<Notice>("/v1/outlets/notices", { chain: chain.value, outlet: name, which: "all", limit: 50 }, "notices", LIVE);
  return (
    <Card title={t.notices} flush>
      <PagedTable of={notices} label={t.notices} rowKey={({ notice }) => notice} to={({ notice }) => `/outlets/${encodeURIComponent(name)}/${notice}`}
        empty={<Empty icon="orders" title={t.noNotices} hint={t.noNoticesHint} />}
        columns={[
          { key: "order", head: t.order, cell: ({ number }) => number ?? t.forgotten },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={NOTICE_TONES[state] ?? "still"}>{wordOf(t.states, state)}</State> },
          { key: "evidence", head: t.evidence, cell: ({ evidence, answered_by: by }) => <>{evidence ? wordOf(t.evidences, evidence) : "–"}{by && <span class="soft">{` · ${by}`}</span>}</> },
          { key: "steps", head: t.stepsMade, cell: ({ steps }) => steps.filter(({ state }) => state === "done").map(({ action }) => wordOf(t.actions, action)).join(", ") || "–" },
          { key: "placed", head: t.placed, end: true, cell: ({ created_at: at }) => format.moment(at, zone) },
        ]} />
    </Card>
  );
}
