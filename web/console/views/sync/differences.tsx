// The newest comparison of both systems: differences in money and quantity by store, day and tender.
import type { JSX } from "preact";
import { Card, Load, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import type { Cell, Comparison } from "./model";
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
  const cells = comparison.differences.cells ?? [];
  const note = t.differencesNote(format.day(comparison.day_from), format.day(comparison.day_until));
  return (
    <Card title={t.differences} note={note} flush={cells.length > 0}>
      {cells.length === 0 ? <State tone="good">{t.noDifferences}</State> : (
        <Table label={t.differences} rows={cells} rowKey={({ store, day, tender }) => `${store} ${day} ${tender}`} tone={() => "bad"}
          columns={[
            { key: "store", head: t.store, cell: ({ store }) => store.split(":").pop() },
            { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
            { key: "tender", head: t.tender, cell: ({ tender }) => tender },
            { key: "money", head: t.money, end: true, cell: ({ here, there }) => format.money(here.gross - there.gross, comparison.currency) },
            { key: "quantity", head: t.quantity, end: true, cell: (cell) => format.number(quantityOf(cell)) },
          ]} />
      )}
    </Card>
  );
}

const quantityOf = ({ here, there }: Cell): number => Number(here.quantity) - Number(there.quantity);
