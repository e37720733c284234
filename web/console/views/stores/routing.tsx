// Printing rules of a store: which station prints what, on which printer.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, CheckField, Choice, Form, Lines, Load, SelectField, TextArea, TextField, WordsField, may, notify, send, useApi, useTexts } from "../../kit";
import en from "./en";
import { printingOf, type Store } from "./model";
import zh from "./zh";

interface Station {
  id: string;
  name: string;
  kind: string;
  printer: string;
  backup?: string | null;
  categories?: string[];
  copies?: number;
  language?: string;
  header?: string[];
  footer?: string[];
}

const LANGUAGES = [{ value: "en", label: "English" }, { value: "zh", label: "中文" }, { value: "ar", label: "العربية" }];

interface Routing {
  stations: Station[];
  prints_on: "placed" | "paid";
  bills: boolean;
}

export function RoutingForm({ store }: { store: Store }): JSX.Element {
  const path = printingOf(store.id);
  const routing = useApi<Routing>(`${path}/routing`, {}, { every: 0 });
  const printers = useApi<{ revision: number; printers: { id: string }[] }>(`${path}/printers`, {}, { every: 0 });
  const reload = () => {
    routing.reload();
    printers.reload();
  };
  return (
    <Card>
      <Load of={routing}>{(data) => printers.data && <Rules key={printers.data.revision} store={store} routing={data} revision={printers.data.revision} printers={printers.data.printers.map(({ id }) => id)} after={reload} />}</Load>
    </Card>
  );
}

function Rules({ store, routing, revision, printers, after }: { store: Store; routing: Routing; revision: number; printers: string[]; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [rules, setRules] = useState(routing);
  const set = (fields: Partial<Routing>) => setRules({ ...rules, ...fields });
  const save = async (key: string) => {
    await send("PUT", `${printingOf(store.id)}/routing`, rules, key, revision);
    notify(t.saved);
  };
  const fresh = (): Station => ({ id: `station-${rules.stations.length + 1}`, name: "", kind: "kitchen", printer: printers[0] ?? "" });
  return (
    <Form submit={t.save} onSend={save} after={after} disabled={!may("printing:write", store.id)}>
      <Choice label={t.printsOn} value={rules.prints_on} onChange={(prints_on) => set({ prints_on })} options={[{ value: "placed", label: t.printsOns.placed }, { value: "paid", label: t.printsOns.paid }]} />
      <CheckField label={t.bills} checked={rules.bills} onChange={(bills) => set({ bills })} />
      <p class="soft">{t.stationsHint}</p>
      <Lines rows={rules.stations} onChange={(stations) => set({ stations })} fresh={fresh} add={t.addStation}>
        {(station, change) => <StationFields station={station} change={change} printers={printers} />}
      </Lines>
    </Form>
  );
}

function StationFields({ station, change, printers }: { station: Station; change: (station: Station) => void; printers: string[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const options = [...new Set([station.printer, ...printers])].filter(Boolean).map((value) => ({ value, label: value }));
  const lines = (text: string) => text.split("\n").slice(0, 10);
  return (
    <fieldset class="part">
      <legend>{station.name || t.stations}</legend>
      <div class="line">
        <TextField label={t.name} value={station.name} onChange={(name) => change({ ...station, name })} required maxLength={64} />
        <SelectField label={t.kind} value={station.kind} onChange={(kind) => change({ ...station, kind })} options={Object.entries(t.kinds).map(([value, label]) => ({ value, label }))} />
        <SelectField label={t.printer} value={station.printer} onChange={(printer) => change({ ...station, printer })} options={options} />
        <SelectField label={t.backup} value={station.backup ?? ""} onChange={(backup) => change({ ...station, backup: backup || null })} options={[{ value: "", label: t.noBackup }, ...options.filter(({ value }) => value !== station.printer)]} />
        <TextField label={t.copies} type="number" min={1} max={5} value={String(station.copies ?? 1)} onChange={(copies) => change({ ...station, copies: Number(copies) || 1 })} />
        <WordsField label={t.categories} hint={t.classesHint} value={station.categories ?? []} onChange={(categories) => change({ ...station, categories })} />
        <SelectField label={t.language} value={station.language ?? "en"} onChange={(language) => change({ ...station, language })} options={LANGUAGES} />
      </div>
      {station.kind === "receipt" && (
        <div class="line">
          <TextArea label={t.header} rows={2} value={(station.header ?? []).join("\n")} onChange={(text) => change({ ...station, header: lines(text) })} />
          <TextArea label={t.footer} rows={2} value={(station.footer ?? []).join("\n")} onChange={(text) => change({ ...station, footer: lines(text) })} />
        </div>
      )}
    </fieldset>
  );
}
