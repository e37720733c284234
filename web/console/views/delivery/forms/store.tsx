// How a store delivers: its place, promises, assignment, PIN, pilot, and when it asks an outside fleet.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, CheckField, Empty, Form, Load, SelectField, TextField, chain, may, notify, send, useApi, useTexts, type StoreNames } from "../../../kit";
import { storePlace, type Courier, type FleetRule, type MapTiles, type Place, type StoreSettings } from "../model";
import { CoordinatesField } from "./coordinates";
import en from "./en";
import { RuleFields } from "./rule";
import zh from "./zh";

export function StoreForm({ store, couriers, names, after }: { store: string; couriers: Courier[]; names: StoreNames; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const settings = useApi<StoreSettings>(store ? `/v1/delivery-stores/${encodeURIComponent(store)}` : null, { chain: chain.value }, { every: 0 });
  if (!store) return <Card><Empty icon="store" title={t.chooseStore} hint={t.chooseStoreHint} /></Card>;
  const done = () => {
    notify(t.saved);
    settings.reload();
    after();
  };
  return (
    <Card title={t.settingsOf(names[store] ?? store)}>
      <Load of={settings} lines={8}>{(data) => <Fields key={store} settings={data} couriers={couriers.filter(({ stores }) => stores.includes(store))} after={done} />}</Load>
    </Card>
  );
}

function Fields({ settings, couriers, after }: { settings: StoreSettings; couriers: Courier[]; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useState(settings);
  const [place, setPlace] = useState<Place | null | undefined>(storePlace(settings));
  const change = (part: Partial<StoreSettings>) => setDraft({ ...draft, ...part });
  const count = (name: "prepare_minutes" | "promise_minutes" | "window_minutes" | "offer_seconds", label: string, min: number, max: number) =>
    <TextField label={label} type="number" required min={min} max={max} value={String(draft[name])} onChange={(text) => change({ [name]: Number(text) })} />;
  const isMissing = (draft.automatic || draft.fleet_rule !== null) && !place;
  const store = (key: string) => {
    const { store: id, ...fields } = draft;
    return send("PUT", `/v1/delivery-stores/${encodeURIComponent(id)}`, { ...fields, lat: place?.lat ?? null, lon: place?.lon ?? null }, key);
  };
  return (
    <Form submit={t.save} onSend={store} after={after} disabled={place === undefined || isMissing || !may("delivery:manage", settings.store)}>
      <CoordinatesField label={t.place} value={place ?? null} onChange={setPlace} required={draft.automatic || draft.fleet_rule !== null} />
      <SelectField label={t.mapSystem} hint={t.mapSystemHint} value={draft.map_system} onChange={(map_system) => change({ map_system })} options={[{ value: "wgs84", label: "WGS-84" }, { value: "gcj02", label: "GCJ-02" }]} />
      {count("prepare_minutes", t.prepare, 0, 1_440)}
      {count("promise_minutes", t.promise, 1, 1_440)}
      {count("window_minutes", t.window, 1, 1_440)}
      <fieldset class="part">
        <legend>{t.assignment}</legend>
        <CheckField label={t.automatic} hint={t.automaticHint} checked={draft.automatic} onChange={(automatic) => change({ automatic })} />
        {count("offer_seconds", t.offerSeconds, 20, 900)}
        <SelectField label={t.fixed} value={draft.fixed_courier ?? ""} onChange={(fixed) => change({ fixed_courier: fixed || null })} options={[{ value: "", label: t.nobody }, ...choices(couriers, draft.fixed_courier)]} />
        <CheckField label={t.needsPin} checked={draft.needs_pin} onChange={(needs_pin) => change({ needs_pin })} />
      </fieldset>
      <TextField label={t.pilotFrom} type="date" value={draft.pilot_from ?? ""} onChange={(day) => change({ pilot_from: day || null })} />
      <TileFields tiles={draft.map_tiles} onChange={(map_tiles) => change({ map_tiles })} />
      <RuleFields store={settings.store} rule={draft.fleet_rule} onChange={(fleet_rule: FleetRule | null) => change({ fleet_rule })} />
    </Form>
  );
}

function TileFields({ tiles, onChange }: { tiles: MapTiles | null; onChange: (tiles: MapTiles | null) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const change = (part: Partial<MapTiles>) => tiles && onChange({ ...tiles, ...part });
  return (
    <fieldset class="part">
      <legend>{t.tiles}</legend>
      <CheckField label={t.tilesOn} hint={t.tilesHint} checked={tiles !== null} onChange={(on) => onChange(on ? { url: "", attribution: "", most_zoom: 18 } : null)} />
      {tiles && (
        <>
          <TextField label={t.tilesUrl} hint={t.tilesUrlHint} value={tiles.url} onChange={(url) => change({ url })} required pattern="https://.+" maxLength={500} autocomplete="off" spellcheck={false} />
          <TextField label={t.tilesFrom} hint={t.tilesFromHint} value={tiles.attribution} onChange={(attribution) => change({ attribution })} required maxLength={100} autocomplete="off" />
          <TextField label={t.tilesZoom} type="number" required min={1} max={22} value={String(tiles.most_zoom)} onChange={(zoom) => change({ most_zoom: Number(zoom) })} />
        </>
      )}
    </fieldset>
  );
}

// The present one stays in the list, also when it works for the store no more.
function choices(couriers: Courier[], fixed: string | null): { value: string; label: string }[] {
  const own = couriers.filter(({ fleet }) => !fleet).map(({ id, name }) => ({ value: id, label: name }));
  return fixed && !own.some(({ value }) => value === fixed) ? [...own, { value: fixed, label: fixed }] : own;
}
