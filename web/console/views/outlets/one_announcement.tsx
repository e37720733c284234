// One announcement: as outlets see it, a test to one chat, its progress, and who has not read it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Bar, Card, CheckField, Empty, Field, Figure, Form, Grid, Load, Page, PagedTable, Row, SelectField, State, TextField, chain, format, notify, post, send, useApi, usePages, useTexts } from "../../kit";
import { AnnouncementState, useAnnouncements } from "./announcements";
import en from "./en";
import { MESSAGE_TONES, ofChain, progress, wordOf, type Announcement, type Receipt, type Robot } from "./model";
import zh from "./zh";

export function OneAnnouncement({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useAnnouncements();
  const found = list.data?.announcements.find(({ announcement }) => announcement === id);
  return (
    <Page title={t.announcement} of={list} back={{ to: "/outlets?tab=announcements", label: t.tabs["announcements"] ?? "" }} actions={found && <AnnouncementState of={found} />}>
      <Load of={list} lines={6}>
        {() => found ? <Shown of={found} reload={list.reload} /> : <Card><Empty icon="alerts" title={t.noAnnouncement} hint={t.noAnnouncementHint} /></Card>}
      </Load>
    </Page>
  );
}

function Shown({ of, reload }: { of: Announcement; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const { all, sent, read, failed } = progress(of);
  return (
    <>
      {ofChain("outlets:manage") && <Moves of={of} reload={reload} />}
      <Grid columns={4}>
        <Card><Figure label={t.outletsGetIt} value={all ? format.number(all) : "–"} /></Card>
        <Card><Figure label={t.sentTo} value={format.number(sent)} note={<Bar share={all ? sent / all : 0} tone={all && sent === all ? "good" : "info"} />} /></Card>
        <Card><Figure label={t.readOf} value={format.number(read)} /></Card>
        <Card><Figure label={t.failedOf} value={format.number(failed)} /></Card>
      </Grid>
      <Grid columns={2}>
        <Previews of={of} />
        {ofChain("outlets:manage") && <Trial of={of} />}
      </Grid>
      <Receipts of={of} />
    </>
  );
}

function Moves({ of, reload }: { of: Announcement; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [starts, setStarts] = useState("");
  const move = (body: { state: string; starts_at?: string }) => (key: string) => send("PUT", `/v1/outlets/announcements/${of.announcement}/state?chain=${chain.value}`, body, key);
  const begun = progress(of).all > 0;
  const later = starts ? new Date(starts).toISOString() : "";
  if (of.state === "done" || of.state === "cancelled") return <></>;
  return (
    <Card title={t.state} note={of.state === "paused" ? t.pausedHint : t.beginsAt(format.moment(of.starts_at))}>
      <Row>
        {of.state === "paused" && !begun && <Action kind="main" icon="play" act={move({ state: "scheduled", starts_at: new Date().toISOString() })} done={t.sendDone} after={reload} confirm={{ title: t.sendTitle, text: t.sendText }}>{t.sendNow}</Action>}
        {of.state === "paused" && begun && <Action kind="main" icon="play" act={move({ state: "scheduled" })} done={t.goOnDone} after={reload}>{t.goOn}</Action>}
        {of.state !== "paused" && <Action icon="pause" act={move({ state: "paused" })} done={t.pauseDone} after={reload}>{t.pause}</Action>}
        <Action kind="danger" act={move({ state: "cancelled" })} done={t.cancelDone} after={reload} confirm={{ title: t.cancelTitle, text: t.cancelText }}>{t.cancelIt}</Action>
      </Row>
      {!begun && (
        <Row>
          <Field label={t.begins}><input type="datetime-local" value={starts} onInput={(event: { currentTarget: HTMLInputElement }) => setStarts(event.currentTarget.value)} /></Field>
          <Action icon="clock" disabled={!starts} act={move({ state: "scheduled", starts_at: later })} done={t.scheduleDone} after={reload}>{t.schedule}</Action>
        </Row>
      )}
    </Card>
  );
}

function Previews({ of }: { of: Announcement }): JSX.Element {
  const t = useTexts({ en, zh });
  const { stores, regions } = of.segment;
  const to = stores.length || regions.length ? [...regions, ...stores].join(", ") : t.allOutlets;
  return (
    <Card title={t.preview} note={to}>
      {Object.entries(of.previews).map(([language, text]) => (
        <figure key={language} class="outlets-preview">
          <figcaption class="soft">{wordOf(t.languages, language)}</figcaption>
          <pre class="outlets-bubble" lang={language}>{text}</pre>
        </figure>
      ))}
      {of.attachments.length > 0 && <ul class="outlets-files">{of.attachments.map(({ title, url }) => <li key={url}><a href={url} target="_blank" rel="noreferrer">{title}</a></li>)}</ul>}
    </Card>
  );
}

function Trial({ of }: { of: Announcement }): JSX.Element {
  const t = useTexts({ en, zh });
  const robots = useApi<{ robots: Robot[] }>("/v1/outlets/robots", { chain: chain.value });
  const [robot, setRobot] = useState("");
  const [address, setAddress] = useState("");
  const languages = Object.keys(of.previews);
  const [language, setLanguage] = useState(languages[0] ?? "en");
  const rows = robots.data?.robots ?? [];
  const chosen = robot || (rows[0]?.robot ?? "");
  const test = (key: string) => post(`/v1/outlets/announcements/${of.announcement}/tests?chain=${chain.value}`, { robot: chosen, address, language }, key);
  return (
    <Card title={t.trial} note={t.trialNote}>
      <Form onSend={test} submit={t.sendTrial} disabled={!chosen || !address} after={() => notify(t.trialDone)}>
        <SelectField label={t.robot} value={chosen} onChange={setRobot} options={rows.map((row) => ({ value: row.robot, label: `${row.robot} · ${wordOf(t.channels, row.channel)}` }))} />
        <TextField label={t.address} value={address} required onChange={setAddress} />
        {languages.length > 1 && <SelectField label={t.languageOf} value={language} onChange={setLanguage} options={languages.map((value) => ({ value, label: wordOf(t.languages, value) }))} />}
      </Form>
    </Card>
  );
}

function Receipts({ of }: { of: Announcement }): JSX.Element {
  const t = useTexts({ en, zh });
  const [unread, setUnread] = useState(false);
  const receipts = usePages<Receipt>(`/v1/outlets/announcements/${of.announcement}/receipts`, { chain: chain.value, unread, limit: 100 }, "receipts", { cursor: "after", every: 4_000 });
  const time = ({ read_at: read, delivered_at: delivered, sent_at: sent }: Receipt) => { const at = read ?? delivered ?? sent; return at ? format.moment(at) : "–"; };
  return (
    <Card title={t.receipts} flush actions={<CheckField label={t.onlyUnread} checked={unread} onChange={setUnread} />}>
      <PagedTable of={receipts} label={t.receipts} rowKey={({ outlet }) => outlet} to={({ outlet }) => `/outlets/${encodeURIComponent(outlet)}`}
        empty={<Empty icon="people" title={t.noReceipts} hint={t.noReceiptsHint} />}
        columns={[
          { key: "outlet", head: t.outlet, cell: ({ outlet }) => outlet },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={MESSAGE_TONES[state] ?? "still"}>{wordOf(t.messageStates, state)}</State> },
          { key: "why", head: t.why, cell: ({ failure }) => failure ?? "–" },
          { key: "at", head: t.at, end: true, cell: time },
        ]} />
    </Card>
  );
}
