// One file of all members of a segment.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog, Form, Load, SelectField, State, chain, format, post, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface Export {
  id: string;
  status: "waiting" | "writing" | "ended" | "failed" | "expired";
  members: number;
  url: string | null;
}

export function ExportButton({ where, members }: { where: string; members: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const [kind, setKind] = useState("csv");
  const start = async (key: string) => setId((await post<Export>("/v1/segments/exports", { chain: chain.value, where, format: kind }, key)).id);
  const close = () => {
    setOpen(false);
    setId(null);
  };
  return (
    <>
      <Button icon="download" onPress={() => setOpen(true)}>{t.export}</Button>
      <Dialog open={open} title={t.exportTitle} onClose={close}>
        <p>{t.exportText(format.number(members))}</p>
        {id === null
          ? <Form submit={t.start} onSend={start}><SelectField label={t.format} value={kind} onChange={setKind} options={[{ value: "csv", label: "CSV" }, { value: "parquet", label: "Parquet" }]} /></Form>
          : <Progress id={id} />}
      </Dialog>
    </>
  );
}

const TONES = { waiting: "wait", writing: "info", ended: "good", failed: "bad", expired: "still" } as const;

function Progress({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const asked = useApi<Export>(`/v1/segments/exports/${id}`, {}, { every: 3_000 });
  return (
    <Load of={asked}>
      {(file) => (
        <>
          <p><State tone={TONES[file.status]}>{t.statuses[file.status]}</State> <span class="soft">{t.written(format.number(file.members))}</span></p>
          {file.url && <p><a class="button main" href={file.url} download rel="noreferrer">{t.download}</a></p>}
        </>
      )}
    </Load>
  );
}
