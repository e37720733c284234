// Documents that wait for a person, each with a button that sends it again.
import type { JSX } from "preact";
import { Action, Card, PagedTable, State, chain, format, may, post, usePages, useTexts } from "../../kit";
import en from "./en";
import type { Document } from "./model";
import zh from "./zh";

export function Parked({ system, after }: { system: string; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const documents = usePages<Document>(`/v1/sync/systems/${system}/documents`, { chain: chain.value, state: "parked", limit: 50 }, "documents", {});
  const again = (): void => { documents.reload(); after(); };
  return (
    <Card title={t.parked} flush={(documents.data?.length ?? 0) > 0}>
      <PagedTable of={documents} label={t.parked} rowKey={({ target_key: key }) => key} empty={<State tone="good">{t.nothingWaits}</State>}
        columns={[
          { key: "document", head: t.document, cell: ({ flow, key }) => <>{t.names[flow] ?? flow} <span class="soft sync-key">{key}</span></> },
          { key: "store", head: t.store, cell: ({ store }) => store },
          { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
          { key: "amount", head: t.amount, end: true, cell: ({ gross, currency }) => <span class="sync-amount">{currency ? format.money(gross, currency) : "–"}</span> },
          { key: "who", head: t.who, cell: ({ cause }) => t.causes[cause ?? "none"] ?? cause },
          { key: "detail", head: t.detail, cell: ({ detail, reason }) => <span class="sync-detail">{detail ?? reason ?? ""}</span> },
          { key: "replay", head: "", end: true, cell: (document) => may("sync:manage") && (
            <Action small act={(key) => post(`/v1/sync/systems/${system}/replays?chain=${chain.value}`, { key: document.key }, key)} done={t.replayed} after={again}>{t.replay}</Action>
          ) },
        ]} />
    </Card>
  );
}
