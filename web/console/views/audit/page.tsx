// Who did what, the newest first.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Card, Empty, Field, Page, PagedTable, Row, SelectField, State, StoreField, chain, format, language, may, usePages, useStoreNames, useTexts } from "../../kit";
import en from "./en";
import { OPERATIONS, wordsOf } from "./operations";
import { PersonField } from "./person_field";
import zh from "./zh";

interface Entry {
  id: string;
  at: string;
  actor: string;
  name: string | null;
  operation: string;
  path: string;
  store: string | null;
  status: number;
  request: string;
  fields: string[];
}

const begin = (day: string): string | null => (day ? new Date(`${day}T00:00`).toISOString() : null);
const end = (day: string): string | null => (day ? new Date(new Date(`${day}T00:00`).getTime() + 86_400_000).toISOString() : null);

export default function AuditPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const [store, setStore] = useState("");
  const [actor, setActor] = useState("");
  const [operation, setOperation] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const entries = usePages<Entry>("/v1/audit", { chain: chain.value, store, actor, operation, since: begin(since), until: end(until), limit: 50 }, "entries", { every: 60_000 });
  const names = useStoreNames((entries.data ?? []).flatMap(({ store: place }) => (place ? [place] : [])));
  return (
    <Page title={t.title} of={entries}>
      <Row>
        <StoreField label={t.where} hideLabel value={store} onChange={setStore} all={t.allStores} />
        {may("people:manage") && <PersonField label={t.who} all={t.everybody} onChange={(person) => setActor(person && `p-${person}`)} />}
        <OperationField value={operation} onChange={setOperation} />
        <DayField label={t.since} value={since} onChange={setSince} />
        <DayField label={t.until} value={until} onChange={setUntil} />
      </Row>
      <Card flush>
        <PagedTable of={entries} label={t.title} rowKey={({ id }) => id} empty={<Empty icon="audit" title={t.none} hint={t.noneHint} />}
          columns={[
            { key: "at", head: t.at, cell: ({ at }) => format.moment(at) },
            { key: "who", head: t.who, cell: ({ name, actor }) => name ?? (actor === "command" ? t.command : t.key(actor)) },
            { key: "what", head: t.what, cell: ({ operation, path }) => <span title={`${operation} ${path}`}>{wordsOf(operation)}</span> },
            { key: "where", head: t.where, cell: ({ store: place }) => (place ? (names[place] ?? place) : "–") },
            { key: "fields", head: t.fields, cell: ({ fields }) => fields.join(", ") || "–" },
            { key: "outcome", head: t.outcome, narrow: "bare", cell: ({ status }) => (status < 400 ? <State tone="good">{t.done}</State> : <State tone="bad">{t.refused}</State>) },
          ]} />
      </Card>
    </Page>
  );
}

function OperationField({ value, onChange }: { value: string; onChange: (operation: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const options = useMemo(() => {
    const named = OPERATIONS.map((operation) => ({ value: operation, label: wordsOf(operation) }));
    return named.sort((one, other) => one.label.localeCompare(other.label, language.value));
  }, [language.value]);
  return <SelectField label={t.what} hideLabel value={value} onChange={onChange} options={[{ value: "", label: t.everything }, ...options]} />;
}

function DayField({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }): JSX.Element {
  return <Field label={label}><input type="date" value={value} onInput={(event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value)} /></Field>;
}
