// Outlets that get their orders in a chat: who has not confirmed, robots, announcements, guests, and one outlet.
import type { JSX } from "preact";
import { Page, Tabs, place, useTab, useTexts, type PageProps } from "../../kit";
import { AnnouncementForm } from "./announcement_form";
import { Announcements } from "./announcements";
import en from "./en";
import { Guests } from "./guests";
import { ofChain } from "./model";
import { OneAnnouncement } from "./one_announcement";
import { OneNotice } from "./notice";
import { OneOutlet } from "./outlet";
import { OutletList } from "./outlet_list";
import { Robots } from "./robots";
import { Waiting } from "./waiting";
import zh from "./zh";

const ALL = ["waiting", "robots", "announcements", "outlets", "guests"];

export default function OutletsPage({ parts }: PageProps): JSX.Element {
  const [outlet, notice] = parts.map(decodeURIComponent);
  const announcement = place.value.query.get("announcement");
  if (outlet && notice) return <OneNotice key={notice} outlet={outlet} notice={notice} />;
  if (outlet) return <OneOutlet key={outlet} name={outlet} />;
  if (announcement === "new") return <AnnouncementForm />;
  if (announcement) return <OneAnnouncement key={announcement} id={announcement} />;
  return <Overview />;
}

function Overview(): JSX.Element {
  const t = useTexts({ en, zh });
  const ids = ofChain("outlets:read") ? ALL : ["waiting", "outlets"];
  const chosen = useTab(ids);
  return (
    <Page title={t.title}>
      <Tabs label={t.title} tabs={ids.map((id) => ({ id, label: t.tabs[id] ?? id }))} />
      {chosen === "waiting" && <Waiting />}
      {chosen === "robots" && <Robots />}
      {chosen === "announcements" && <Announcements />}
      {chosen === "outlets" && <OutletList />}
      {chosen === "guests" && <Guests />}
    </Page>
  );
}
