// The form of a job: its action with its detail, its stores, its times.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CheckField, Choice, Form, Grid, SelectField, StoresField, TextArea, TextField, chain, may, notify, post, send, storesOf, useTexts } from "../../kit";
import { ItemsField, TimerField } from "./choices";
import en from "./en";
import { WEEKDAYS, type Action, type Job, type PlanKind, type Unit, type Weekday } from "./model";
import zh from "./zh";

const ACTIONS: Action[] = ["announce", "items_on", "items_off", "plan", "run_timer"];
// Beside that of jobs: a job does nothing that its maker may not do by hand.
const RIGHTS: Record<Action, string> = { announce: "jobs:manage", items_on: "menu:write", items_off: "menu:write", plan: "forecast:write", run_timer: "timers:manage" };
const KINDS: PlanKind[] = ["promotion", "event", "closure", "opening", "school_holiday"];

interface Draft {
  title: string;
  action: Action;
  text: string;
  items: string[];
  kind: PlanKind;
  days: string;
  timer: string;
  stores: string[];
  at: string;
  zone: string;
  every: "never" | Unit;
  interval: string;
  weekdays: Weekday[];
  lastDay: boolean;
  until: string;
  count: number | null;
  lasts: string;
}

const EMPTY: Draft = {
  title: "", action: "announce", text: "", items: [], kind: "promotion", days: "1", timer: "", stores: [], at: "", zone: "",
  every: "never", interval: "1", weekdays: [], lastDay: false, until: "", count: null, lasts: "",
};

const draftOf = (job: Job): Draft => ({
  title: job.title,
  action: job.action,
  text: job.details.text ?? "",
  items: job.details.items ?? [],
  kind: job.details.kind ?? "promotion",
  days: String(job.details.days ?? 1),
  timer: job.details.timer ?? "",
  stores: job.stores,
  at: job.when.at,
  zone: job.when.zone,
  every: job.when.repeat?.every ?? "never",
  interval: String(job.when.repeat?.interval ?? 1),
  weekdays: job.when.repeat?.weekdays ?? [],
  lastDay: job.when.repeat?.last_day ?? false,
  until: job.when.repeat?.until ?? "",
  count: job.when.repeat?.count ?? null,
  lasts: job.lasts_minutes ? String(job.lasts_minutes) : "",
});

// A person who may act in few stores has no right to act in all of them.
const ownStores = (): string[] => storesOf("jobs:manage") ?? [];

const isComplete = ({ action, items, timer, stores }: Draft): boolean =>
  (action !== "run_timer" || timer !== "") && (!["items_on", "items_off"].includes(action) || items.length > 0) && (action === "run_timer" || stores.length > 0 || ownStores().length === 0);

function repeatOf(draft: Draft): object | null {
  if (draft.every === "never") return null;
  return {
    every: draft.every,
    interval: Number(draft.interval),
    weekdays: draft.every === "week" ? draft.weekdays : [],
    last_day: draft.every === "month" && draft.lastDay,
    until: draft.until || null,
    count: draft.until ? null : draft.count,
  };
}

function bodyOf(draft: Draft): object {
  const details = {
    announce: { text: draft.text },
    items_on: { items: draft.items },
    items_off: { items: draft.items },
    plan: { plan: { kind: draft.kind, days: Number(draft.days) } },
    run_timer: { timer: draft.timer },
  }[draft.action];
  const runs = draft.action === "run_timer";
  return {
    title: draft.title,
    action: draft.action,
    ...details,
    stores: runs ? [] : draft.stores,
    when: { at: draft.at, zone: draft.zone || null, repeat: repeatOf(draft) },
    lasts_minutes: !runs && draft.lasts ? Number(draft.lasts) : null,
  };
}

type Change = (change: Partial<Draft>) => void;

/** With a job it changes that one. */
export function JobForm({ job, after }: { job?: Job; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState<Draft>(job ? draftOf(job) : { ...EMPTY, stores: ownStores() });
  const actions = ACTIONS.filter((action) => action === draft.action || may(RIGHTS[action]));
  const change: Change = (part) => setDraft({ ...draft, ...part });
  const save = async (key: string) => {
    if (job) await send("PUT", `/v1/jobs/${job.id}`, bodyOf(draft), key, job.revision);
    else await post("/v1/jobs", { chain: chain.value, ...bodyOf(draft) }, key);
    notify(t.saved);
  };
  return (
    <Form onSend={save} submit={t.save} after={after} disabled={!isComplete(draft)}>
      <TextField label={t.jobTitle} required maxLength={100} value={draft.title} onChange={(title) => change({ title })} />
      <SelectField label={t.action} value={draft.action} onChange={(action) => change({ action: action as Action })} options={actions.map((value) => ({ value, label: t.actions[value] }))} />
      {draft.action !== "run_timer" && <StoresField label={t.stores} none={ownStores().length ? t.noStores : t.allStores} value={draft.stores} onChange={(stores) => change({ stores })} />}
      <Detail draft={draft} change={change} />
      <Times draft={draft} change={change} />
      {draft.action !== "run_timer" && draft.action !== "plan" && (
        <TextField label={t.lasts} type="number" min={1} value={draft.lasts} onChange={(lasts) => change({ lasts })} hint={t.lastsHint[draft.action]} />
      )}
    </Form>
  );
}

function Detail({ draft, change }: { draft: Draft; change: Change }): JSX.Element {
  const t = useTexts({ en, zh });
  if (draft.action === "announce") return <TextArea label={t.text} required value={draft.text} onChange={(text) => change({ text })} hint={t.textHint} />;
  if (draft.action === "run_timer") return <TimerField value={draft.timer} onChange={(timer) => change({ timer })} />;
  if (draft.action === "plan") {
    return (
      <Grid columns={2}>
        <SelectField label={t.kind} value={draft.kind} onChange={(kind) => change({ kind: kind as PlanKind })} options={KINDS.map((value) => ({ value, label: t.kinds[value] }))} />
        <TextField label={t.days} type="number" min={1} max={92} required value={draft.days} onChange={(days) => change({ days })} />
      </Grid>
    );
  }
  return <ItemsField stores={draft.stores} value={draft.items} onChange={(items) => change({ items })} />;
}

function Times({ draft, change }: { draft: Draft; change: Change }): JSX.Element {
  const t = useTexts({ en, zh });
  const toggled = (day: Weekday, on: boolean) => WEEKDAYS.filter((name) => (name === day ? on : draft.weekdays.includes(name)));
  const options = (["never", "day", "week", "month"] as const).map((value) => ({ value, label: t.repeats[value] }));
  return (
    <>
      <Grid columns={2}>
        <TextField label={t.first} type="datetime-local" required value={draft.at} onChange={(at) => change({ at: at.slice(0, 16) })} />
        <TextField label={t.zone} value={draft.zone} onChange={(zone) => change({ zone })} hint={t.zoneHint} spellcheck={false} />
      </Grid>
      <Choice label={t.repeat} value={draft.every} onChange={(every) => change({ every })} options={options} />
      {draft.every !== "never" && (
        <Grid columns={2}>
          <TextField label={`${t.interval} (${t.repeats[draft.every]})`} type="number" min={1} max={99} required value={draft.interval} onChange={(interval) => change({ interval })} />
          <TextField label={t.untilDay} type="date" value={draft.until} onChange={(until) => change({ until })} />
        </Grid>
      )}
      {draft.every === "week" && (
        <fieldset class="jobs-days">
          <legend>{t.onDays}</legend>
          {WEEKDAYS.map((day) => <CheckField key={day} label={t.weekdays[day]} checked={draft.weekdays.includes(day)} onChange={(on) => change({ weekdays: toggled(day, on) })} />)}
        </fieldset>
      )}
      {draft.every === "month" && <CheckField label={t.monthEnd} checked={draft.lastDay} onChange={(lastDay) => change({ lastDay })} />}
    </>
  );
}
