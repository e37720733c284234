// The printers of a store and the agents that reach them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import {
  Action, Button, Card, CheckField, Dialog, Empty, Form, Load, SelectField, State, Table, TextField, format, may, notify, post, send, useApi, useTexts,
} from "../../kit";
import en from "./en";
import { printingOf, type Store } from "./model";
import zh from "./zh";

interface Profile {
  encoding: string;
  dots: number;
  cut: "partial" | "full" | "none";
  drawer: boolean;
  [other: string]: unknown;
}

interface Printer {
  id: string;
  can_print: boolean;
  reported_at: string | null;
  profile: Profile;
  backup: string | null;
}

interface PrinterPage {
  revision: number;
  printers: Printer[];
}

interface Agent {
  id: string;
  name: string;
  state: "online" | "offline" | "never_seen" | "revoked";
  seen_at: string | null;
  version: string;
  platform: string;
}

const NEW: Printer = { id: "", can_print: false, reported_at: null, profile: { encoding: "gb18030", dots: 576, cut: "partial", drawer: false }, backup: null };

export function Printers({ store }: { store: Store }): JSX.Element {
  const t = useTexts({ en, zh });
  const path = printingOf(store.id);
  const printers = useApi<PrinterPage>(`${path}/printers`, {}, { live: { topics: ["fleet"], stores: [store.id] } });
  const [edited, setEdited] = useState<Printer | null>(null);
  const mayWrite = may("printing:write", store.id);
  return (
    <>
      <Card title={t.printers} flush actions={mayWrite && <Button small icon="plus" onPress={() => setEdited(NEW)}>{t.addPrinter}</Button>}>
        <Load of={printers} isEmpty={(page) => page.printers.length === 0} empty={<Empty icon="printer" title={t.noPrinters} hint={t.noPrintersHint} />}>
          {(page) => (
            <Table label={t.printers} rows={page.printers} rowKey={({ id }) => id} columns={[
              { key: "id", head: t.printer, cell: (printer) => (mayWrite ? <Button kind="quiet" onPress={() => setEdited(printer)}>{printer.id}</Button> : printer.id) },
              { key: "state", head: t.printerState, narrow: "bare", cell: (printer) => <PrinterState printer={printer} /> },
              { key: "paper", head: t.paper, cell: ({ profile }) => (profile.dots === 576 ? t.wide : t.narrow) },
              { key: "backup", head: t.backup, cell: ({ backup }) => backup ?? t.noBackup },
              { key: "test", head: t.test, end: true, narrow: "bare", cell: ({ id }) => may("printing:operate", store.id) && (
                <Action small act={(key) => post(`${path}/printers/${encodeURIComponent(id)}/test-page`, undefined, key)} done={t.testDone} label={`${t.test}: ${id}`}>{t.test}</Action>) },
            ]} />
          )}
        </Load>
      </Card>
      {edited && printers.data && <PrinterDialog path={path} page={printers.data} printer={edited} close={() => setEdited(null)} after={printers.reload} />}
      <Agents store={store} />
    </>
  );
}

function PrinterState({ printer }: { printer: Printer }): JSX.Element {
  const t = useTexts({ en, zh });
  if (!printer.reported_at) return <State tone="still">{t.neverSeen}</State>;
  return printer.can_print ? <State tone="good">{t.ready}</State> : <State tone="bad">{t.notReady}</State>;
}

const ENCODINGS = ["gb18030", "gbk", "big5", "utf8", "cp437", "cp850", "cp852", "cp858", "cp866", "cp1252", "raster"];

function PrinterDialog({ path, page, printer, close, after }: { path: string; page: PrinterPage; printer: Printer; close: () => void; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [id, setId] = useState(printer.id);
  const [profile, setProfile] = useState(printer.profile);
  const [backup, setBackup] = useState(printer.backup ?? "");
  const target = `${path}/printers/${encodeURIComponent(id)}`;
  const done = () => {
    close();
    after();
    notify(t.saved);
  };
  const backups = page.printers.filter((other) => other.id !== printer.id).map((other) => ({ value: other.id, label: other.id }));
  return (
    <Dialog open title={printer.id ? t.editPrinter(printer.id) : t.addPrinter} onClose={close}>
      <Form submit={t.save} after={done} onSend={(key) => send("PUT", target, { profile, backup: backup || null }, key, page.revision)}
        actions={printer.id && <Action kind="quiet" act={(key) => send("DELETE", target, undefined, key, page.revision)} after={done} confirm={{ title: t.removePrinter, text: t.removeText }}>{t.removePrinter}</Action>}>
        {!printer.id && <TextField label={t.name} value={id} onChange={setId} required pattern="[A-Za-z0-9_\-.]{1,64}" />}
        <SelectField label={t.paper} value={String(profile.dots)} onChange={(dots) => setProfile({ ...profile, dots: Number(dots) })} options={[{ value: "576", label: t.wide }, { value: "384", label: t.narrow }]} />
        <SelectField label={t.encoding} value={profile.encoding} onChange={(encoding) => setProfile({ ...profile, encoding })} options={[...new Set([profile.encoding, ...ENCODINGS])].map((value) => ({ value, label: value }))} />
        <SelectField label={t.cut} value={profile.cut} onChange={(cut) => setProfile({ ...profile, cut: cut as Profile["cut"] })} options={Object.entries(t.cuts).map(([value, label]) => ({ value, label }))} />
        <CheckField label={t.drawer} checked={profile.drawer} onChange={(drawer) => setProfile({ ...profile, drawer })} />
        <SelectField label={t.backup} value={backup} onChange={setBackup} options={[{ value: "", label: t.noBackup }, ...backups]} />
      </Form>
    </Dialog>
  );
}

const TONES = { online: "good", offline: "bad", never_seen: "still", revoked: "still" } as const;

function Agents({ store }: { store: Store }): JSX.Element {
  const t = useTexts({ en, zh });
  const agents = useApi<{ agents: Agent[] }>(`${printingOf(store.id)}/agents`, {}, { live: { topics: ["fleet"], stores: [store.id] } });
  const mayEnrol = may("printing:enrol", store.id);
  return (
    <Card title={t.agents} flush actions={mayEnrol && <EnrolmentCode store={store} />}>
      <Load of={agents} isEmpty={(page) => page.agents.length === 0} empty={<Empty icon="printer" title={t.noAgents} hint={t.noAgentsHint} />}>
        {(page) => (
          <Table label={t.agents} rows={page.agents} rowKey={({ id }) => id} columns={[
            { key: "name", head: t.agent, cell: ({ name }) => name },
            { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={TONES[state]}>{t.agentStates[state]}</State> },
            { key: "version", head: t.version, cell: ({ version, platform }) => `${version} ${platform}` },
            { key: "seen", head: t.seen, cell: ({ seen_at }) => (seen_at ? format.ago(seen_at) : "–") },
            { key: "revoke", head: t.revoke, end: true, narrow: "bare", cell: ({ id, name, state }) => mayEnrol && state !== "revoked" && (
              <Action small kind="quiet" act={(key) => send("DELETE", `${printingOf(store.id)}/agents/${encodeURIComponent(id)}`, undefined, key)} after={agents.reload}
                confirm={{ title: t.revokeTitle(name), text: t.revokeText }}>{t.revoke}</Action>) },
          ]} />
        )}
      </Load>
    </Card>
  );
}

function EnrolmentCode({ store }: { store: Store }): JSX.Element {
  const t = useTexts({ en, zh });
  const [code, setCode] = useState<{ code: string; expires_at: string } | null>(null);
  return (
    <>
      <Action small icon="plus" done={t.codeTitle} act={async (key) => setCode(await post("/v1/printing/codes", { store: store.id }, key))}>{t.code}</Action>
      <Dialog open={code !== null} title={t.codeTitle} onClose={() => setCode(null)}>
        <p><strong>{t.codeText(code?.code ?? "")}</strong></p>
        <p class="soft">{code && t.codeUntil(format.time(code.expires_at))}</p>
      </Dialog>
    </>
  );
}
