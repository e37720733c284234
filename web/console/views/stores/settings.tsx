// The settings of a store, for a new store and for one that is there.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CheckField, Checks, Choice, Field, Form, Grid, Lines, MoneyField, SelectField, TextField, WordsField, chain, may, notify, send, useApi, useTexts } from "../../kit";
import en from "./en";
import { pathOf, taxesOf, withTaxes, type Settings, type Store, type TaxRule } from "./model";
import zh from "./zh";

const CURRENCIES = ["CNY", "USD", "EUR", "GBP", "HKD", "SGD", "JPY", "MXN", "CHF", "AUD", "CAD", "MYR", "THB", "KWD"];
const ZONES = Intl.supportedValuesOf("timeZone");

const fresh = (): Settings => ({
  name: "", chain: chain.value, region: "", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, currency: "CNY", day_ends_at: "04:00", lead_minutes: 30, taxes: [],
});

export interface Part {
  settings: Settings;
  set: (fields: Partial<Settings>) => void;
}

export function SettingsForm({ store, after }: { store: Store | null; after: (id: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [id, setId] = useState(store?.id ?? "");
  const [settings, setSettings] = useState<Settings>(store?.settings ?? fresh());
  const part = { settings, set: (fields: Partial<Settings>) => setSettings({ ...settings, ...fields }) };
  const save = async (key: string) => {
    await send("PUT", pathOf(id), settings, key, store?.revision);
    notify(t.saved);
  };
  return (
    <Form submit={store ? t.save : t.create} onSend={save} after={() => after(id)} disabled={!may("stores:write", store?.id)}>
      <Grid columns={2}>
        {!store && <TextField label={t.id} hint={t.idHint} value={id} onChange={setId} required pattern="[a-z0-9][a-z0-9\-]{0,39}" autocomplete="off" />}
        <TextField label={t.name} value={settings.name} onChange={(name) => part.set({ name })} required maxLength={200} />
        <TextField label={t.region} value={settings.region} onChange={(region) => part.set({ region })} required maxLength={64} pattern="[A-Za-z0-9_\-.]+" />
        <TextField label={t.city} value={settings.city ?? ""} onChange={(city) => part.set({ city: city || null })} maxLength={200} />
        <TextField label={t.country} hint={t.countryHint} value={settings.country ?? ""} onChange={(country) => part.set({ country: country || null })} pattern="[A-Z]{2}" />
        <Zone {...part} />
        <SelectField label={t.currency} hint={t.currencyHint} value={settings.currency} onChange={(currency) => part.set({ currency })}
          options={[...new Set([settings.currency, ...CURRENCIES])].map((value) => ({ value, label: value }))} />
        <TextField label={t.dayEnds} hint={t.dayEndsHint} type="time" value={settings.day_ends_at} onChange={(day_ends_at) => part.set({ day_ends_at })} required />
        <TextField label={t.lead} hint={t.leadHint} type="number" min={0} max={1440} value={String(settings.lead_minutes)} onChange={(minutes) => part.set({ lead_minutes: Number(minutes) })} />
        <SellsFrom {...part} />
      </Grid>
      <Taxes {...part} />
      <Slots {...part} />
      {store && <Field label={t.closedFrom} hint={t.closedFromHint}>
        <input type="date" value={settings.closed_from ?? ""} onInput={(event: { currentTarget: HTMLInputElement }) => part.set({ closed_from: event.currentTarget.value || null })} />
      </Field>}
    </Form>
  );
}

function Zone({ settings, set }: Part): JSX.Element {
  const t = useTexts({ en, zh });
  return <SelectField label={t.timezone} value={settings.timezone} onChange={(timezone) => set({ timezone })} options={[...new Set([settings.timezone, ...ZONES])].map((value) => ({ value, label: value }))} />;
}

function SellsFrom({ settings, set }: Part): JSX.Element {
  const t = useTexts({ en, zh });
  const menus = useApi<{ menus: { id: string; currency: string }[] }>("/v1/menus", { chain: chain.value }, { every: 0 });
  const ids = (menus.data?.menus ?? []).filter(({ currency }) => currency === settings.currency).map(({ id }) => id);
  const options = [...new Set([...(settings.menu ? [settings.menu] : []), ...ids])].map((value) => ({ value, label: t.chainMenu(value) }));
  return <SelectField label={t.sellsFrom} value={settings.menu ?? ""} onChange={(menu) => set({ menu: menu || null })} options={[{ value: "", label: t.ownMenu }, ...options]} />;
}

function Taxes({ settings, set }: Part): JSX.Element {
  const t = useTexts({ en, zh });
  const [rules, setRules] = useState<TaxRule[]>(taxesOf(settings));
  const change = (next: TaxRule[]) => {
    setRules(next);
    set(withTaxes(settings, next));
  };
  return (
    <fieldset class="part">
      <legend>{t.taxes}</legend>
      <p class="soft">{t.taxesHint}</p>
      <Lines rows={rules} onChange={change} fresh={() => ({ id: `tax-${rules.length + 1}`, name: "", percent: "", inclusive: true })} add={t.addTax}>
        {(rule, changeRule) => (
          <>
            <TextField label={t.name} value={rule.name} onChange={(name) => changeRule({ ...rule, name })} required maxLength={200} />
            <TextField label={t.percent} value={rule.percent} onChange={(percent) => changeRule({ ...rule, percent: percent.replace(",", ".") })} required inputMode="decimal" pattern="(100|[0-9]{1,2})(\.[0-9]{1,3})?" />
            <WordsField label={t.classes} hint={t.classesHint} value={rule.classes ?? []} onChange={(classes) => changeRule({ ...rule, classes })} />
            <CheckField label={t.inclusive} checked={rule.inclusive ?? true} onChange={(inclusive) => changeRule({ ...rule, inclusive })} />
            <Checks label={t.forServices} all={t.services} chosen={rule.services ?? []} onChange={(services) => changeRule({ ...rule, services })} />
          </>
        )}
      </Lines>
      <Choice label={t.rounding} value={settings.tax_rounding ?? "order"} onChange={(tax_rounding) => set({ tax_rounding })}
        options={[{ value: "order", label: t.roundings.order }, { value: "line", label: t.roundings.line }]} />
      <MoneyField label={t.cash} hint={t.cashHint} value={settings.cash_rounding ?? null} currency={settings.currency} onChange={(cash_rounding) => set({ cash_rounding })} />
    </fieldset>
  );
}

function Slots({ settings, set }: Part): JSX.Element {
  const t = useTexts({ en, zh });
  const slots = settings.slots;
  const count = (text: string) => Number(text) || null;
  return (
    <fieldset class="part">
      <legend>{t.slots}</legend>
      <CheckField label={t.slots} checked={Boolean(slots)} onChange={(on) => set({ slots: on ? { minutes: 15, orders: null, pieces: null } : null })} />
      {slots && (
        <div class="line">
          <TextField label={t.slotMinutes} type="number" min={5} max={1440} value={String(slots.minutes)} onChange={(text) => set({ slots: { ...slots, minutes: Number(text) || 15 } })} />
          <TextField label={t.slotOrders} hint={t.unlimited} type="number" min={1} value={slots.orders ? String(slots.orders) : ""} onChange={(text) => set({ slots: { ...slots, orders: count(text) } })} />
          <TextField label={t.slotPieces} hint={t.unlimited} type="number" min={1} value={slots.pieces ? String(slots.pieces) : ""} onChange={(text) => set({ slots: { ...slots, pieces: count(text) } })} />
        </div>
      )}
    </fieldset>
  );
}
