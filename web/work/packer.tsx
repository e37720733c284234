// The packer's page: what is to pack today, and one order with its lines, a photo and the parcels.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Empty } from "../console/kit/feedback";
import type { Tone } from "../console/kit/tones";
import { time } from "../console/kit/format";
import { may } from "../console/kit/session";
import { act, deliveries } from "./deliveries";
import { expectedOf, type Delivery, type Line } from "./model";
import { Big, Head, Photo, Row, Wishes, isLate } from "./parts";
import { pictureOf } from "./pictures";
import { Scan } from "./scan";
import { readValue, writeValue } from "./storage";
import { Talk } from "./talk";
import { useWords } from "./texts";

const TONES: Record<Delivery["goods"], Tone> = { to_pick: "wait", picking: "info", packed: "good", handed: "still", cancelled: "bad" };
const COMING_BACK = ["failed", "returning"];
const stateOf = (delivery: Delivery, t: ReturnType<typeof useWords>): string =>
  delivery.goods === "handed" ? t.carriage[delivery.carriage] : t.goods[delivery.goods];
const ORDER: Delivery["goods"][] = ["picking", "to_pick", "packed", "handed"];

function mine(): Delivery[] {
  const rank = (one: Delivery) => (COMING_BACK.includes(one.carriage) ? -1 : ORDER.indexOf(one.goods));
  return deliveries.value
    .filter((one) => may("delivery:pack", one.store) && one.goods !== "cancelled" && !["delivered", "returned", "cancelled"].includes(one.carriage))
    .sort((one, other) => rank(one) - rank(other) || Number(isLate(other)) - Number(isLate(one)) || one.ready_at.localeCompare(other.ready_at));
}

export function PackerList(): JSX.Element {
  const t = useWords();
  const list = mine();
  if (!list.length) return <Empty title={t.nothingToPack} hint={t.nothingToPackHint} icon="check" />;
  return (
    <ul class="deliveries">
      {list.map((delivery) => (
        <Row key={delivery.id} delivery={delivery} state={stateOf(delivery, t)} tone={COMING_BACK.includes(delivery.carriage) ? "bad" : TONES[delivery.goods]}>
          <span>{delivery.lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(", ")}</span>
          {delivery.goods !== "packed" && delivery.goods !== "handed" && <span class="soft">{t.readyAt(time(delivery.ready_at))}</span>}
        </Row>
      ))}
    </ul>
  );
}

export function PackerOrder({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const isOpen = delivery.goods === "to_pick" || delivery.goods === "picking";
  return (
    <article class="detail">
      <Head delivery={delivery} state={stateOf(delivery, t)} tone={TONES[delivery.goods]} />
      <Wishes delivery={delivery} />
      {isOpen ? <Packing key={delivery.id} delivery={delivery} /> : <Done delivery={delivery} />}
      <Talk delivery={delivery} party="packer" to={delivery.courier ? ["desk", "courier"] : ["desk"]} />
    </article>
  );
}

interface Ticks {
  picked: Record<string, number>; // pieces by line
  missing: Record<string, number>;
  codes?: string[]; // on the parcels
}

function Packing({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const [ticks, setTicks] = useState<Ticks>({ picked: {}, missing: {} });
  const [parcels, setParcels] = useState(1);
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [said, setSaid] = useState("");
  const name = `ticks ${delivery.id}`;
  useEffect(() => void readValue<Ticks>(name).then((kept) => kept && setTicks(kept)), []);
  const change = (after: Ticks) => {
    setTicks(after);
    void writeValue(name, after);
    if (delivery.goods === "to_pick") void act(delivery, "pick", expectedOf("pick", delivery));
  };
  const pick = (line: Line, count: number) => change({ ...ticks, picked: { ...ticks.picked, [line.id]: count } });
  const miss = (line: Line, count: number) =>
    change({ ...ticks, picked: { ...ticks.picked, [line.id]: Math.min(ticks.picked[line.id] ?? 0, line.quantity - count) }, missing: { ...ticks.missing, [line.id]: count } });
  const done = ({ id, quantity }: Line) => (ticks.picked[id] ?? 0) + (ticks.missing[id] ?? 0) >= quantity;
  const scanned = (code: string) => {
    const line = delivery.lines.find((one) => (one.item === code || one.id === code) && !done(one));
    setSaid(line ? t.codeDone(line.name) : t.codeUnknown(code));
    if (line) pick(line, (ticks.picked[line.id] ?? 0) + 1);
  };
  const codes = ticks.codes ?? [];
  const pack = async () => {
    const shorts = Object.entries(ticks.missing).filter(([, count]) => count > 0).map(([line, missing]) => ({ line, missing }));
    const pictures = photo ? [await pictureOf("packed", photo)] : [];
    await act(delivery, "pack", expectedOf("pack", delivery), { ...(codes.length ? { parcel_codes: codes } : { parcels }), shorts }, pictures);
    location.hash = "#/";
  };
  return (
    <>
      <section class="card">
        <h2>{t.lines}</h2>
        <ul class="lines-to-pick">{delivery.lines.map((line) => <PickLine key={line.id} line={line} picked={ticks.picked[line.id] ?? 0} missing={ticks.missing[line.id] ?? 0} onPick={pick} onMiss={miss} />)}</ul>
        <Scan onCode={scanned} />
        <p role="status">{said}</p>
      </section>
      <section class="card">
        {delivery.proofs && <Photo label={t.photo} onTaken={setPhoto} />}
        <Parcels count={parcels} codes={codes} onCount={setParcels} onCodes={(after) => change({ ...ticks, codes: after })} />
        {!delivery.lines.every(done) && <p class="soft">{t.packedNeeds}</p>}
        <Big kind="main" icon="check" disabled={!delivery.lines.every(done)} onPress={() => void pack()}>{t.packed}</Big>
      </section>
    </>
  );
}

const MOST_PARCELS = 99;
const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/; // what the API takes

/** How many parcels there are. With codes on them, the codes say it, and the courier scans each one. */
function Parcels({ count, codes, onCount, onCodes }: { count: number; codes: string[]; onCount: (count: number) => void; onCodes: (codes: string[]) => void }): JSX.Element {
  const t = useWords();
  const [said, setSaid] = useState("");
  const scan = (code: string) => {
    const why = !CODE.test(code) ? t.parcelBad(code) : codes.includes(code) ? t.parcelTwice(code) : "";
    setSaid(why || t.parcelAdded(code));
    if (!why && codes.length < MOST_PARCELS) onCodes([...codes, code]);
  };
  return (
    <>
      <div class="stepper" role="group" aria-label={t.parcels}>
        <span>{t.parcels}</span>
        {codes.length === 0 && <button type="button" class="button" aria-label={`${t.parcels} −`} disabled={count < 2} onClick={() => onCount(count - 1)}>−</button>}
        <output>{codes.length || count}</output>
        {codes.length === 0 && <button type="button" class="button" aria-label={`${t.parcels} +`} disabled={count >= MOST_PARCELS} onClick={() => onCount(count + 1)}>+</button>}
      </div>
      {codes.length > 0 && (
        <ul class="parcels">{codes.map((code) => (
          <li key={code}><span>{code}</span><button type="button" class="button" aria-label={`${t.codeRemove}: ${code}`} onClick={() => onCodes(codes.filter((one) => one !== code))}>{t.codeRemove}</button></li>
        ))}</ul>
      )}
      <Scan label={t.parcelCode} button={t.parcelAdd} onCode={scan} />
      <p role="status">{said}</p>
    </>
  );
}

function PickLine({ line, picked, missing, onPick, onMiss }: { line: Line; picked: number; missing: number; onPick: (line: Line, count: number) => void; onMiss: (line: Line, count: number) => void }): JSX.Element {
  const t = useWords();
  const rest = line.quantity - missing;
  const isDone = picked >= rest;
  return (
    <li class={isDone ? "picked" : ""}>
      <button type="button" class="pick" aria-pressed={isDone} onClick={() => onPick(line, isDone ? 0 : rest)}>
        <span class="box" aria-hidden="true">{isDone ? "✓" : ""}</span>
        <span class="pick-text">
          <b>{line.quantity} × {line.name}</b>
          {[line.size, ...line.options].filter(Boolean).join(", ")}
          {line.note && <span class="wish">{t.note}: {line.note}</span>}
          <span class="soft">{t.picked(picked, line.quantity)}</span>
        </span>
      </button>
      <button type="button" class="button miss" onClick={() => onMiss(line, missing < line.quantity ? missing + 1 : 0)}>
        <span>{missing ? t.missing(missing) : t.short}<span class="hidden"> {line.name}</span></span>
      </button>
    </li>
  );
}

function Done({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const press = (action: "unpack" | "pick_up" | "take_back") => () => void act(delivery, action, expectedOf(action, delivery));
  const canHandOver = delivery.goods === "packed" && ["accepted", "at_store"].includes(delivery.carriage);
  return (
    <section class="card">
      <ul>{delivery.lines.map((line) => <li key={line.id}>{line.quantity} × {line.name}{line.missing ? ` · ${t.missing(line.missing)}` : ""}</li>)}</ul>
      <p>{t.parcels}: <b>{delivery.parcels ?? "–"}</b></p>
      <p class="soft">{t.carriage[delivery.carriage]}</p>
      {canHandOver && <Big kind="main" icon="check" onPress={press("pick_up")}>{t.handOver}</Big>}
      {delivery.goods === "packed" && <Big onPress={press("unpack")}>{t.unpack}</Big>}
      {COMING_BACK.includes(delivery.carriage) && <Big kind="main" onPress={press("take_back")}>{t.takeBack}</Big>}
    </section>
  );
}
