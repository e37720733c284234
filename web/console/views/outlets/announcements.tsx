// Announcements with their progress, the newest first.
import type { JSX } from "preact";
import { AsOf, Bar, Button, Card, Empty, Load, Row, State, Table, chain, format, go, useApi, useTexts } from "../../kit";
import en from "./en";
import { ANNOUNCEMENT_TONES, ofChain, progress, type Announcement } from "./model";
import zh from "./zh";

// No message tells of single receipts: the page asks.
const LOOK = { every: 4_000 };
export const useAnnouncements = () => useApi<{ announcements: Announcement[] }>("/v1/outlets/announcements", { chain: chain.value }, LOOK);

export function Announcements(): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useAnnouncements();
  return (
    <>
      <Row between>
        <AsOf of={list} />
        {ofChain("outlets:manage") && <Button kind="main" icon="plus" onPress={() => go("/outlets?tab=announcements&announcement=new")}>{t.newAnnouncement}</Button>}
      </Row>
      <Load of={list} isEmpty={({ announcements }) => announcements.length === 0} empty={<Card><Empty icon="alerts" title={t.noAnnouncements} hint={t.noAnnouncementsHint} /></Card>}>
        {({ announcements }) => (
          <Card flush>
            <Table label={t.tabs["announcements"] ?? ""} rows={announcements} rowKey={({ announcement }) => announcement}
              to={({ announcement }) => `/outlets?tab=announcements&announcement=${announcement}`}
              columns={[
                { key: "text", head: t.text, cell: (one) => <span class="outlets-line">{firstLine(one)}</span> },
                { key: "state", head: t.state, narrow: "bare", cell: (one) => <AnnouncementState of={one} /> },
                { key: "progress", head: t.progress, cell: (one) => <Progress of={one} /> },
                { key: "begin", head: t.begins, end: true, cell: ({ starts_at: at }) => format.moment(at) },
              ]} />
          </Card>
        )}
      </Load>
    </>
  );
}

const firstLine = ({ previews }: Announcement): string => (Object.values(previews)[0] ?? "").split("\n")[0] ?? "";

export function AnnouncementState({ of }: { of: Announcement }): JSX.Element {
  const t = useTexts({ en, zh });
  const isDraft = of.state === "paused" && progress(of).all === 0;
  return <State tone={ANNOUNCEMENT_TONES[of.state]}>{isDraft ? t.draft : wordOfState(t.announcementStates, of.state)}</State>;
}

const wordOfState = (words: Record<string, string>, state: string): string => words[state] ?? state;

export function Progress({ of }: { of: Announcement }): JSX.Element {
  const t = useTexts({ en, zh });
  const { all, sent, read, failed } = progress(of);
  if (!all) return <span class="soft">–</span>;
  return (
    <span class="outlets-progress">
      <span>{t.sentOf(format.number(sent), format.number(all))}{read > 0 && `, ${t.readBy(format.number(read))}`}{failed > 0 && `, ${t.failedFor(format.number(failed))}`}</span>
      <Bar share={sent / all} tone={sent === all ? "good" : "info"} />
    </span>
  );
}
