// At the door: PIN, photo or signature, and delivered; or not delivered, with the reason.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Choice, SelectField, TextField } from "../console/kit/form";
import { act } from "./deliveries";
import { expectedOf, type Delivery } from "./model";
import { Big, Photo } from "./parts";
import { encodeCanvas, pictureOf, type Picture } from "./pictures";
import { useWords } from "./texts";

type LeftWith = "recipient" | "neighbour" | "reception" | "door";

export function Finish({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  const [leftWith, setLeftWith] = useState<LeftWith>("recipient");
  const [pin, setPin] = useState("");
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [signature, setSignature] = useState<Blob | null>(null);
  const deliver = async () => {
    const pictures: Picture[] = [];
    if (photo) pictures.push(await pictureOf("photo", photo));
    if (signature) pictures.push(await pictureOf("signature", signature));
    await act(delivery, "deliver", expectedOf("deliver", delivery), { left_with: leftWith, ...(pin ? { pin } : {}) }, pictures);
    location.hash = "#/";
  };
  const options = (Object.keys(t.leftWiths) as LeftWith[]).map((value) => ({ value, label: t.leftWiths[value] }));
  return (
    <>
      <section class="card">
        <h2>{t.finish}</h2>
        <Choice label={t.leftWith} value={leftWith} onChange={setLeftWith} options={options} />
        <TextField label={t.pin} hint={t.pinHint} value={pin} onChange={(text) => setPin(text.replaceAll(/\D/g, "").slice(0, 4))} inputMode="numeric" autocomplete="off" maxLength={4} name="pin" />
        {delivery.proofs && <Photo label={t.photo} onTaken={setPhoto} />}
        {delivery.proofs && <Signature onSigned={setSignature} />}
        <Big kind="main" icon="check" disabled={pin.length > 0 && pin.length < 4} onPress={() => void deliver()}>{t.delivered}</Big>
      </section>
      <Failed delivery={delivery} />
    </>
  );
}

function Failed({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useWords();
  type Reason = keyof typeof t.failedReasons;
  const reasons = Object.keys(t.failedReasons) as Reason[];
  const [reason, setReason] = useState<Reason>("nobody_home");
  const options = reasons.map((value) => ({ value, label: t.failedReasons[value] }));
  return (
    <details class="card">
      <summary>{t.failed}</summary>
      <SelectField label={t.failedWhy} value={reason} onChange={(value) => setReason(value as Reason)} options={options} />
      <Big kind="danger" onPress={() => void act(delivery, "fail", expectedOf("fail", delivery), { reason })}>{t.failedSend}</Big>
    </details>
  );
}

const LINE = 3; // CSS pixels

/** A field to sign in, with a finger, a pen or a mouse. */
function Signature({ onSigned }: { onSigned: (signature: Blob | null) => void }): JSX.Element {
  const t = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isSigned, setIsSigned] = useState(false);
  const from = useRef<[number, number] | null>(null);
  const clear = () => {
    const field = canvas.current;
    if (!field) return;
    const scale = devicePixelRatio || 1;
    [field.width, field.height] = [Math.round(field.clientWidth * scale), Math.round(field.clientHeight * scale)];
    const pen = field.getContext("2d");
    if (pen) [pen.fillStyle, pen.strokeStyle, pen.lineWidth, pen.lineCap] = ["#ffffff", "#000000", LINE * scale, "round"];
    pen?.fillRect(0, 0, field.width, field.height);
    setIsSigned(false);
    onSigned(null);
  };
  useEffect(clear, []);
  const draw = ({ offsetX, offsetY }: PointerEvent) => {
    const field = canvas.current;
    const pen = field?.getContext("2d");
    if (!from.current || !field || !pen) return;
    const scale = field.width / field.clientWidth;
    pen.beginPath();
    pen.moveTo(from.current[0] * scale, from.current[1] * scale);
    pen.lineTo(offsetX * scale, offsetY * scale);
    pen.stroke();
    from.current = [offsetX, offsetY];
    setIsSigned(true);
  };
  const end = () => {
    if (!from.current) return;
    from.current = null;
    if (canvas.current) void encodeCanvas(canvas.current, "image/png").then(onSigned);
  };
  return (
    <div class="sign">
      <h3>{t.signature}</h3>
      <canvas ref={canvas} role="img" aria-label={t.signHere}
        onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); from.current = [event.offsetX, event.offsetY]; }}
        onPointerMove={draw} onPointerUp={end} onPointerCancel={end} />
      {isSigned ? <Big onPress={clear}>{t.signAgain}</Big> : <p class="soft">{t.signHere}</p>}
    </div>
  );
}
