// Print jobs with what a person can do about each.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Dialog, Empty, Form, SelectField, State, Table, format, may, notify, post, useStorePlace } from "../../kit";
import { TicketButton } from "./preview";
import { useJobTexts, wordOf } from "./texts";
import { CAN_MOVE, JOB_TONES, hasEnded } from "./tones";

/** A row of /v1/console; times in UTC. */
export interface Job {
  id: string;
  order: string | null;
  pickup_number: number | null;
  kind: string;
  station: string | null;
  printer: string;
  state: string;
  queued_at: string;
  ended_at: string | null;
  code: string | null;
  attention: string | null;
  reprint: number;
  moved_from: string | null;
}

interface Props {
  store: string;
  jobs: Job[];
  printers: string[]; // of the store: where a ticket can go
  reload: () => void;
}

export function JobsTable({ store, jobs, printers, reload }: Props): JSX.Element {
  const t = useJobTexts();
  const zone = useStorePlace(store)?.timezone;
  const [asked, setAsked] = useState<{ job: Job; for: "reprint" | "move" } | null>(null);
  if (jobs.length === 0) return <Empty icon="printer" title={t.none} hint={t.noneHint} />;
  return (
    <>
      <Table label={t.jobs} rows={jobs} rowKey={({ id }) => id} tone={(job) => (job.attention ? "bad" : undefined)} columns={[
        { key: "ticket", head: t.ticket, cell: (job) => <JobName job={job} /> },
        { key: "station", head: t.station, cell: ({ station }) => station ?? "–" },
        { key: "printer", head: t.printer, cell: ({ printer }) => printer },
        { key: "state", head: t.state, narrow: "bare", cell: (job) => <JobState job={job} /> },
        { key: "queued", head: t.queued, cell: ({ queued_at }) => format.moment(queued_at, zone) },
        { key: "do", head: t.actions, end: true, narrow: "bare", cell: (job) => <JobActions store={store} job={job} printers={printers} ask={(what) => setAsked({ job, for: what })} reload={reload} /> },
      ]} />
      {asked && <PrinterDialog store={store} job={asked.job} isMove={asked.for === "move"} printers={printers} close={() => setAsked(null)} after={reload} />}
    </>
  );
}

function JobName({ job }: { job: Job }): JSX.Element {
  const t = useJobTexts();
  return <>{wordOf(t.kinds, job.kind)}{job.pickup_number !== null && ` · ${t.order(job.pickup_number)}`}{job.reprint > 0 && ` · ${t.copy(job.reprint)}`}</>;
}

function JobState({ job }: { job: Job }): JSX.Element {
  const t = useJobTexts();
  if (job.attention) return <State tone="bad">{`${wordOf(t.states, job.state)} · ${t.forPerson}`}</State>;
  return <State tone={JOB_TONES[job.state] ?? "still"}>{wordOf(t.states, job.state)}</State>;
}

function JobActions({ store, job, printers, ask, reload }: Omit<Props, "jobs"> & { job: Job; ask: (what: "reprint" | "move") => void }): JSX.Element {
  const t = useJobTexts();
  const path = `/v1/printing/stores/${encodeURIComponent(store)}/jobs/${job.id}`;
  const name = `${wordOf(t.kinds, job.kind)} ${job.pickup_number ?? ""}`.trim();
  const operates = may("printing:operate", store);
  return (
    <span class="row job-actions">
      <TicketButton store={store} job={job.id} name={name} />
      {operates && job.attention && <Settle path={path} reload={reload} />}
      {operates && hasEnded(job.state) && !job.attention && <Button small onPress={() => ask("reprint")} label={`${t.reprint}: ${name}`}>{t.reprint}</Button>}
      {operates && CAN_MOVE.includes(job.state) && printers.length > 1 && <Button small onPress={() => ask("move")} label={`${t.move}: ${name}`}>{t.move}</Button>}
      {operates && !hasEnded(job.state) && <Action small kind="quiet" act={(key) => post(`${path}/cancel`, undefined, key)} after={reload} confirm={{ title: t.cancelTitle, text: t.cancelText }}>{t.cancel}</Action>}
    </span>
  );
}

function Settle({ path, reload }: { path: string; reload: () => void }): JSX.Element {
  const t = useJobTexts();
  const [open, setOpen] = useState(false);
  const act = (resolution: string) => (key: string) => post(`${path}/resolve`, { resolution }, key);
  const after = () => {
    setOpen(false);
    reload();
  };
  return (
    <>
      <Button small kind="main" onPress={() => setOpen(true)}>{t.resolve}</Button>
      <Dialog open={open} title={t.resolveTitle} onClose={() => setOpen(false)}>
        <p>{t.resolveText}</p>
        <Action kind="main" act={act("on_paper")} after={after}>{t.onPaper}</Action>
        <Action act={act("again")} after={after}>{t.again}</Action>
        <Action kind="quiet" act={act("dismissed")} after={after}>{t.dismissed}</Action>
      </Dialog>
    </>
  );
}

function PrinterDialog({ store, job, isMove, printers, close, after }: { store: string; job: Job; isMove: boolean; printers: string[]; close: () => void; after: () => void }): JSX.Element {
  const t = useJobTexts();
  const others = printers.filter((printer) => printer !== job.printer);
  const [printer, setPrinter] = useState(isMove ? (others[0] ?? "") : "");
  const [reason, setReason] = useState<keyof typeof t.reasons>("lost");
  const path = `/v1/printing/stores/${encodeURIComponent(store)}/jobs/${job.id}`;
  const done = () => {
    close();
    after();
    notify(isMove ? t.moved : t.done);
  };
  const act = (key: string) => (isMove ? post(`${path}/move`, { printer }, key) : post(`${path}/reprint`, { ...(printer ? { printer } : {}), reason: t.reasons[reason] }, key));
  const options = others.map((value) => ({ value, label: value }));
  return (
    <Dialog open title={isMove ? t.moveTitle : t.reprintTitle} onClose={close}>
      <Form submit={isMove ? t.move : t.reprint} onSend={act} after={done}>
        {!isMove && <p class="soft">{t.reprintHint}</p>}
        <SelectField label={t.at} value={printer} onChange={setPrinter} options={isMove ? options : [{ value: "", label: t.same(job.printer) }, ...options]} />
        {!isMove && <SelectField label={t.reason} value={reason} onChange={(value) => setReason(value as typeof reason)} options={Object.entries(t.reasons).map(([value, label]) => ({ value, label }))} />}
      </Form>
    </Dialog>
  );
}
