// All that waits at a printer, sent to another one: of a printer that is broken, or out of paper for long.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog, Form, Problem, SelectField, format, get, may, notify, post, useApi } from "../../kit";
import { useJobTexts } from "./texts";
import { CAN_MOVE } from "./tones";

interface Waiting {
  id: string;
  queued_at: string;
}

interface WaitingPage {
  jobs: Waiting[];
  next: string | null;
}

/** The printers of a store, where a ticket can go; none until they are known, and for a person who may send none. */
export function usePrinters(store: string | undefined): string[] {
  const asks = store !== undefined && may("printing:read", store) && may("printing:operate", store);
  const detail = useApi<{ printers: { id: string }[] }>(asks ? `/v1/console/fleet/${encodeURIComponent(store)}` : null, {}, { every: 0 });
  return (detail.data?.printers ?? []).map(({ id }) => id);
}

/** Raises Problem. */
async function waitingAt(path: string, printer: string): Promise<Waiting[]> {
  const found: Waiting[] = [];
  for (const state of CAN_MOVE) {
    let cursor: string | null = null;
    do {
      const page: WaitingPage = await get(`${path}/jobs`, { printer, state, cursor, limit: 200 });
      found.push(...page.jobs);
      cursor = page.next;
    } while (cursor);
  }
  return found.sort((one, other) => one.queued_at.localeCompare(other.queued_at) || one.id.localeCompare(other.id));
}

// One after the other, so that the kitchen gets them in their order. A ticket that has begun meanwhile stays.
async function moveAll(path: string, from: string, to: string, key: string): Promise<{ moved: number; stayed: number }> {
  const count = { moved: 0, stayed: 0 };
  for (const { id } of await waitingAt(path, from)) {
    try {
      await post(`${path}/jobs/${id}/move`, { printer: to }, `${key}-${id}`);
      count.moved += 1;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 409) throw problem;
      count.stayed += 1;
    }
  }
  return count;
}

export function Reroute({ store, printer, printers, reload }: { store: string; printer: string; printers: string[]; reload: () => void }): JSX.Element | null {
  const t = useJobTexts();
  const [open, setOpen] = useState(false);
  const others = printers.filter((other) => other !== printer);
  const [chosen, setChosen] = useState("");
  const to = others.includes(chosen) ? chosen : (others[0] ?? "");
  if (!to || !may("printing:operate", store)) return null;
  const send = async (key: string) => {
    const { moved, stayed } = await moveAll(`/v1/printing/stores/${encodeURIComponent(store)}`, printer, to, key);
    notify(t.rerouted(format.number(moved), format.number(stayed)));
  };
  const after = () => {
    setOpen(false);
    reload();
  };
  return (
    <>
      <Button small onPress={() => setOpen(true)} label={`${t.reroute}: ${printer}`}>{t.reroute}</Button>
      <Dialog open={open} title={t.rerouteTitle(printer)} onClose={() => setOpen(false)}>
        <Form submit={t.reroute} onSend={send} after={after}>
          <p class="soft">{t.rerouteHint}</p>
          <SelectField label={t.at} value={to} onChange={setChosen} options={others.map((value) => ({ value, label: value }))} />
        </Form>
      </Dialog>
    </>
  );
}
