// The pickup: each parcel with a code is scanned, or said to be missing. Parcels without codes are counted alone.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Delivery } from "./model";
import { Big } from "./parts";
import { Scan } from "./scan";
import { readValue, writeValue } from "./storage";
import { useWords } from "./texts";

interface Found {
  scanned: string[];
  missing: string[];
}

export function PickUp({ delivery, onPickUp }: { delivery: Delivery; onPickUp: (body: Record<string, unknown>) => void }): JSX.Element {
  const t = useWords();
  const codes = delivery.parcel_codes ?? [];
  const [found, setFound] = useState<Found>({ scanned: [], missing: [] });
  const [said, setSaid] = useState("");
  const name = `parcels ${delivery.id}`;
  useEffect(() => void readValue<Found>(name).then((kept) => kept && setFound(kept)), []);
  // The goods may have been packed again, with other codes.
  const scanned = codes.filter((code) => found.scanned.includes(code));
  const missing = codes.filter((code) => found.missing.includes(code) && !scanned.includes(code));
  const isComplete = scanned.length + missing.length === codes.length && (scanned.length > 0 || codes.length === 0);
  const change = (after: Found) => {
    setFound(after);
    void writeValue(name, after);
  };
  const scan = (code: string) => {
    const isKnown = codes.includes(code);
    setSaid(isKnown ? t.parcelScanned(code) : t.parcelUnknown(code));
    if (isKnown) change({ scanned: [...new Set([...scanned, code])], missing: missing.filter((one) => one !== code) });
  };
  const miss = (code: string) => change({ scanned, missing: missing.includes(code) ? missing.filter((one) => one !== code) : [...missing, code] });
  const body = { ...(delivery.parcels ? { parcels: delivery.parcels } : {}), ...(codes.length ? { parcel_codes: scanned, parcels_missing: missing } : {}) };
  return (
    <>
      {delivery.goods !== "packed" && <p class="soft">{t.pickUpNeeds}</p>}
      {delivery.parcels !== null && <p>{t.parcels}: <b>{delivery.parcels}</b></p>}
      {codes.length > 0 && (
        <>
          <ul class="parcels">{codes.map((code) => (
            <li key={code} class={scanned.includes(code) ? "picked" : ""}>
              <span><span aria-hidden="true">{scanned.includes(code) ? "✓ " : ""}</span>{code}{scanned.includes(code) && <span class="soft"> {t.parcelHere}</span>}</span>
              {!scanned.includes(code) && <button type="button" class="button" aria-pressed={missing.includes(code)} aria-label={`${t.short}: ${code}`} onClick={() => miss(code)}>{t.short}</button>}
            </li>
          ))}</ul>
          <Scan label={t.parcelCode} onCode={scan} />
          <p role="status">{said}</p>
          {!isComplete && <p class="soft">{t.parcelsNeeded}</p>}
        </>
      )}
      <Big kind="main" icon="check" disabled={delivery.goods !== "packed" || !isComplete} onPress={() => onPickUp(body)}>{t.pickUp}</Big>
    </>
  );
}
