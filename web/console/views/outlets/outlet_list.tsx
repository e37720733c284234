// All outlets with the state of their chats.
import type { JSX } from "preact";
import { Card, Empty, PagedTable, State, chain, format, usePages, useTexts } from "../../kit";
import en from "./en";
import { LIVE, type Outlet } from "./model";
import zh from "./zh";

export function OutletList(): JSX.Element {
  const t = useTexts({ en, zh });
  const outlets = usePages<Outlet>("/v1/outlets/stores", { chain: chain.value, limit: 100 }, "outlets", { cursor: "after", ...LIVE });
  return (
    <Card flush>
      <PagedTable of={outlets} label={t.tabs["outlets"] ?? ""} rowKey={({ outlet }) => outlet} to={({ outlet }) => `/outlets/${encodeURIComponent(outlet)}`}
        tone={({ chats }) => (chats.every(({ state }) => state === "dead") ? "bad" : chats.some(({ state }) => state === "dead") ? "wait" : undefined)}
        empty={<Empty icon="store" title={t.noOutlets} hint={t.noOutletsHint} />}
        columns={[
          { key: "outlet", head: t.outlet, cell: ({ outlet }) => outlet },
          { key: "state", head: t.state, narrow: "bare", cell: (outlet) => <OutletState outlet={outlet} /> },
          { key: "first", head: t.firstChat, cell: ({ chats }) => { const chat = chats.find(({ state }) => state === "alive"); return chat ? <span class="outlets-address">{`${chat.robot} → ${chat.address}`}</span> : "–"; } },
          { key: "chats", head: t.chats, end: true, cell: ({ chats }) => format.number(chats.length) },
        ]} />
    </Card>
  );
}

export function OutletState({ outlet }: { outlet: Outlet }): JSX.Element {
  const t = useTexts({ en, zh });
  const dead = outlet.chats.filter(({ state }) => state === "dead").length;
  if (!outlet.enabled) return <State tone="still">{t.off}</State>;
  if (dead === outlet.chats.length) return <State tone="bad">{t.noLivingChat}</State>;
  return dead ? <State tone="wait">{t.deadChats(format.number(dead), dead === 1)}</State> : <State tone="good">{t.works}</State>;
}
