// The newest comparison of both systems: differences by store, day and tender, and each document that differs.
import type { JSX } from "preact";
import { Card, Load, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import type { Cell, Comparison, Difference } from "./model";
import zh from "./zh";

export function Differences({ system }: { system: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useApi<{ reconciliations: Comparison[] }>(`/v1/sync/systems/${system}/reconciliations`, { chain: chain.value, limit: 1 });
  return (
    <Load of={list}>
      {({ reconciliations: [newest] }) => newest ? <Newest comparison={newest} /> : <Card title={t.differences}><p class="soft">{t.notCompared}</p></Card>}
    </Load>
  );
}

function Newest({ comparison }: { comparison: Comparison }): JSX.Element {
  const t = useTexts({ en, zh });
  const { cells = [], documents = [] } = comparison.differences;
  const agrees = !comparison.differing_cells && !comparison.differing_documents;
  const note = t.differencesNote(format.day(comparison.day_from), format.day(comparison.day_until));
  return (
    <>
      <Card title={t.differences} note={note} flush={cells.length > 0}>
        {agrees && <State tone="good">{t.noDifferences}</State>}
        {!agrees && cells.length === 0 && <State tone="wait">{t.noSums}</State>}
        {cells.length > 0 && <Sums cells={cells} currency={comparison.currency} />}
      </Card>
      {documents.length > 0 && <Documents documents={documents} currency={comparison.currency} />}
    </>
  );
}

function Sums({ cells, currency }: { cells: Cell[]; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Table label={t.differences} rows={cells} rowKey={({ store, day, tender }) => `${store} ${day} ${tender}`} tone={() => "bad"}
      columns={[
        { key: "store", head: t.store, cell: ({ store }) => store.split(":").pop() },
        { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
        { key: "tender", head: t.tender, cell: ({ tender }) => tender },
        { key: "money", head: t.money, end: true, cell: ({ here, there }) => format.money(here.gross - there.gross, currency) },
        { key: "quantity", head: t.quantity, end: true, cell: (cell) => format.number(quantityOf(cell)) },
      ]} />
  );
}

function Documents({ documents, currency }: { documents: Difference[]; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const amount = (gross: number | null): string => (gross === null ? "–" : format.money(gross, currency));
  return (
    <Card title={t.differing} note={t.differingNote} flush>
      <Table label={t.differing} rows={documents} rowKey={({ fault, kind, key }) => `${fault} ${kind} ${key}`}
        columns={[
          { key: "document", head: t.document, cell: ({ reference, key }) => <>{reference} <span class="soft sync-key">{key}</span></> },
          { key: "store", head: t.store, cell: ({ store }) => store.split(":").pop() },
          { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
          { key: "here", head: t.here, end: true, cell: ({ gross_here: here }) => <span class="sync-amount">{amount(here)}</span> },
          { key: "there", head: t.there, end: true, cell: ({ gross_there: there }) => <span class="sync-amount">{amount(there)}</span> },
          { key: "todo", head: t.todo, cell: ({ fault, detail }) => <>{t.faults[fault] ?? fault} <span class="soft sync-detail">{detail}</span></> },
        ]} />
    </Card>
  );
}

const quantityOf = ({ here, there }: Cell): number => Number(here.quantity) - Number(there.quantity);
