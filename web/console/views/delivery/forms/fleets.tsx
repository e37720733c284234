// Accounts at outside fleets. The service says which values it asks for; its credentials are written and never shown.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, CheckField, Dialog, Empty, Form, Load, SelectField, State, Table, TextField, chain, notify, send, useApi, useTexts } from "../../../kit";
import type { Fleet, FleetKind, FleetSetting } from "../model";
import en from "./en";
import zh from "./zh";

type Draft = Pick<Fleet, "fleet" | "kind" | "settings" | "enabled">;

export function Fleets(): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState<Fleet | "new" | null>(null);
  const kinds = useApi<{ kinds: FleetKind[] }>("/v1/delivery-fleets/kinds", { chain: chain.value }, { every: 0 });
  const fleets = useApi<{ fleets: Fleet[] }>("/v1/delivery-fleets", { chain: chain.value }, { every: 0 });
  const titleOf = (kind: string) => kinds.data?.kinds.find((one) => one.kind === kind)?.title ?? kind;
  const done = () => {
    setOpen(null);
    notify(t.saved);
    fleets.reload();
  };
  return (
    <Card title={t.fleets} note={t.fleetsNote} flush actions={<Button small icon="plus" onPress={() => setOpen("new")}>{t.newFleet}</Button>}>
      <Load of={fleets} isEmpty={(data) => data.fleets.length === 0} empty={<Empty icon="people" title={t.noFleets} hint={t.noFleetsHint} />}>
        {(data) => (
          <Table label={t.fleets} rows={data.fleets} rowKey={({ fleet }) => fleet} columns={[
            { key: "name", head: t.fleetId, cell: ({ fleet }) => fleet },
            { key: "service", head: t.service, cell: ({ kind }) => titleOf(kind) },
            { key: "state", head: t.state, narrow: "bare", cell: ({ enabled }) => <State tone={enabled ? "good" : "still"}>{enabled ? t.enabled : t.disabled}</State> },
            { key: "callback", head: t.callback, cell: ({ callback }) => <code>{callback}</code> },
            { key: "edit", head: "", end: true, cell: (fleet) => <Button small onPress={() => setOpen(fleet)} label={`${t.edit}: ${fleet.fleet}`}>{t.edit}</Button> },
          ]} />
        )}
      </Load>
      <Dialog open={open !== null} title={open && open !== "new" ? t.fleetTitle(open.fleet) : t.newFleet} onClose={() => setOpen(null)} wide>
        {open && kinds.data && <FleetForm stored={open === "new" ? null : open} kinds={kinds.data.kinds} after={done} />}
      </Dialog>
    </Card>
  );
}

function FleetForm({ stored, kinds, after }: { stored: Fleet | null; kinds: FleetKind[]; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState<Draft>(stored ?? { fleet: "", kind: kinds[0]?.kind ?? "", settings: {}, enabled: true });
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const fields = kinds.find(({ kind }) => kind === draft.kind)?.settings ?? [];
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const given = (values: Record<string, string>, secret: boolean) =>
    Object.fromEntries(fields.filter((one) => one.secret === secret && values[one.name]).map(({ name }) => [name, values[name]]));
  const credentials = given(secrets, true);
  const store = (key: string) => {
    const body = { kind: draft.kind, settings: given(draft.settings, false), credentials: Object.keys(credentials).length ? credentials : null, enabled: draft.enabled };
    return send("PUT", `/v1/delivery-fleets/${encodeURIComponent(draft.fleet)}?chain=${chain.value}`, body, key);
  };
  return (
    <Form submit={t.save} onSend={store} after={after}>
      {!stored && <TextField label={t.fleetId} hint={t.fleetIdHint} value={draft.fleet} onChange={(fleet) => change({ fleet })} required pattern="[a-z0-9][a-z0-9\-]{0,31}" autocomplete="off" spellcheck={false} />}
      <SelectField label={t.service} value={draft.kind} onChange={(kind) => change({ kind, settings: {} })} options={kinds.map(({ kind, title }) => ({ value: kind, label: title }))} />
      {fields.filter(({ secret }) => !secret).map((one) => <Value key={one.name} of={one} value={draft.settings[one.name] ?? ""} onChange={(text) => change({ settings: { ...draft.settings, [one.name]: text } })} />)}
      <fieldset class="part">
        <legend>{t.credentials}</legend>
        {stored?.has_credentials && <p class="soft">{t.credentialsHint}</p>}
        {fields.filter(({ secret }) => secret).map((one) => <Value key={one.name} of={one} value={secrets[one.name] ?? ""} onChange={(text) => setSecrets({ ...secrets, [one.name]: text })} isOptional={Boolean(stored?.has_credentials)} />)}
      </fieldset>
      <CheckField label={t.enabled} checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
      {stored && <p class="soft">{t.callback}: <code>{stored.callback}</code> {t.callbackHint}</p>}
    </Form>
  );
}

function Value({ of, value, onChange, isOptional = false }: { of: FleetSetting; value: string; onChange: (value: string) => void; isOptional?: boolean }): JSX.Element {
  return <TextField label={of.name} hint={of.help} value={value} onChange={onChange} required={of.default === null && !isOptional} placeholder={of.default ?? ""} type={of.secret ? "password" : "text"} maxLength={2_000} autocomplete="off" spellcheck={false} />;
}
