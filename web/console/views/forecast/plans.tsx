// What is planned, a form for more, and what would come of it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Card, Empty, Field, Figure, Form, Grid, Load, SelectField, Table, TextField, chain, format, may, notify, post, send, useApi, useTexts, StoreField, useStoreNames, useStorePlace, type StoreNames } from "../../kit";
import en from "./en";
import { later } from "./model";
import { reasonsIn } from "./reasons";
import zh from "./zh";

interface Plan {
  id: string;
  store: string | null;
  kind: string;
  first_day: string;
  last_day: string;
  note: string;
}

interface WhatIf {
  days: { day: string; mean: number; mean_if: number; reasons: string }[];
}

type Draft = Omit<Plan, "id">;

export function Plans({ store }: { store: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const plans = useApi<{ plans: Plan[] }>("/v1/forecasts/plans", { chain: chain.value }, { every: 0 });
  const mayWrite = may("forecast:write");
  const location = useStorePlace(store);
  const names = useStoreNames(plans.data?.plans.flatMap((plan) => (plan.store ? [plan.store] : [])));
  return (
    <>
      <Card title={t.planned} flush>
        <Load of={plans} isEmpty={(page) => page.plans.length === 0} empty={<Empty icon="jobs" title={t.noPlans} hint={t.noPlansHint} />}>
          {(page) => <PlanTable plans={page.plans} names={names} reload={plans.reload} mayWrite={mayWrite} />}
        </Load>
      </Card>
      <Grid columns={2}>
        {mayWrite && location && <NewPlan key={store} store={store} tomorrow={tomorrowIn(location.timezone)} after={plans.reload} />}
        {location && <TryIt key={store} store={store} tomorrow={tomorrowIn(location.timezone)} />}
      </Grid>
    </>
  );
}

const kindName = (t: typeof en, kind: string): string => (t.kinds as Record<string, string>)[kind] ?? kind;

function PlanTable({ plans, names, reload, mayWrite }: { plans: Plan[]; names: StoreNames; reload: () => void; mayWrite: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Table label={t.planned} rows={plans} rowKey={({ id }) => id} columns={[
      { key: "kind", head: t.kind, cell: ({ kind, note }) => `${kindName(t, kind)}${note ? ` · ${note}` : ""}` },
      { key: "store", head: t.store, cell: ({ store }) => (store ? (names[store] ?? store) : t.forAll) },
      { key: "from", head: t.from, cell: ({ first_day }) => format.day(first_day) },
      { key: "to", head: t.to, cell: ({ last_day }) => format.day(last_day) },
      { key: "do", head: t.remove, end: true, narrow: "bare", cell: ({ id }) => mayWrite && (
        <Action small kind="quiet" act={(key) => send("DELETE", `/v1/forecasts/plans/${id}?chain=${encodeURIComponent(chain.value)}`, undefined, key)} after={reload} confirm={{ title: t.removeTitle, text: t.removeText }}>{t.remove}</Action>) },
    ]} />
  );
}

/** Tomorrow where the store is: its day is another one than that of UTC for some hours. */
const tomorrowIn = (zone: string | undefined): string => later(format.dayOf(Date.now(), zone), 1);

function PlanFields({ draft, set, withAll }: { draft: Draft; set: (fields: Partial<Draft>) => void; withAll: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const day = (label: string, field: "first_day" | "last_day") => (
    <Field label={label}><input type="date" required value={draft[field]} min={field === "last_day" ? draft.first_day : undefined} onInput={(event: { currentTarget: HTMLInputElement }) => set({ [field]: event.currentTarget.value })} /></Field>
  );
  return (
    <>
      <StoreField label={t.store} value={draft.store ?? ""} onChange={(store) => set({ store: store || null })} {...(withAll ? { all: t.forAll } : {})} />
      <SelectField label={t.kind} value={draft.kind} onChange={(kind) => set({ kind })} options={Object.entries(t.kinds).map(([value, label]) => ({ value, label }))} />
      <div class="line">{day(t.from, "first_day")}{day(t.to, "last_day")}</div>
      <TextField label={t.note} hint={t.noteHint} value={draft.note} onChange={(note) => set({ note })} maxLength={200} />
    </>
  );
}

function NewPlan({ store, tomorrow, after }: { store: string; tomorrow: string; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState<Draft>({ store, kind: "promotion", first_day: tomorrow, last_day: tomorrow, note: "" });
  const add = async (key: string) => {
    await post("/v1/forecasts/plans", { chain: chain.value, ...draft }, key);
    notify(t.added);
  };
  return (
    <Card title={t.add}>
      <Form submit={t.add} onSend={add} after={after}><PlanFields draft={draft} set={(fields) => setDraft({ ...draft, ...fields })} withAll /></Form>
    </Card>
  );
}

function TryIt({ store, tomorrow }: { store: string; tomorrow: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState<Draft>({ store, kind: "promotion", first_day: tomorrow, last_day: tomorrow, note: "" });
  const [found, setFound] = useState<WhatIf | null>(null);
  const history = useApi<{ days: { currency: string }[] }>(draft.store ? "/v1/forecasts/history" : null, { chain: chain.value, store: draft.store }, { every: 0 });
  const usual = useStorePlace(draft.store)?.currency;
  const currency = history.data?.days.at(-1)?.currency ?? usual ?? "USD";
  const compute = async (key: string) => setFound(await post<WhatIf>("/v1/forecasts/what-ifs", { chain: chain.value, ...draft }, key));
  return (
    <Card title={t.tryIt}>
      <p class="soft">{t.tryHint}</p>
      <Form submit={t.compute} onSend={compute}><PlanFields draft={draft} set={(fields) => setDraft({ ...draft, ...fields })} withAll={false} /></Form>
      {found && <Difference found={found} currency={currency} />}
    </Card>
  );
}

function Difference({ found, currency }: { found: WhatIf; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const sum = found.days.reduce((total, { mean, mean_if }) => total + mean_if - mean, 0);
  const changed = found.days.filter(({ mean, mean_if }) => mean !== mean_if);
  const money = (amount: number) => format.money(amount, currency, { whole: true });
  return (
    <div role="status">
      <Figure label={t.tryIt} value={money(sum)} note={t.difference(money(sum))} />
      <Table label={t.tryIt} rows={changed} rowKey={({ day }) => day} columns={[
        { key: "day", head: t.day, cell: ({ day }) => format.day(day) },
        { key: "without", head: t.without, end: true, cell: ({ mean }) => money(mean) },
        { key: "with", head: t.with, end: true, cell: ({ mean_if }) => money(mean_if) },
        { key: "why", head: t.because, cell: ({ reasons }) => reasonsIn(reasons) || t.usual },
      ]} />
    </div>
  );
}
