// Codes of articles and parcels: by the camera where the browser can read them, typed or by a scanner with keys everywhere.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../console/kit/form";
import { Big } from "./parts";
import { useWords } from "./texts";

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}

const Detector = (globalThis as { BarcodeDetector?: new () => Detector }).BarcodeDetector;
const EACH = 250; // milliseconds
const SAME = 2_000; // the same code within this time is the same look

export function Scan({ label, button, onCode }: { label?: string; button?: string; onCode: (code: string) => void }): JSX.Element {
  const t = useWords();
  const [code, setCode] = useState("");
  const [isOn, setIsOn] = useState(false);
  const type = (event: Event) => {
    event.preventDefault();
    if (code.trim()) onCode(code.trim());
    setCode("");
  };
  return (
    <div class="scan">
      {Detector && <Big icon="search" onPress={() => setIsOn(!isOn)}>{isOn ? t.scanStop : t.scan}</Big>}
      {Detector && isOn && <Camera detector={Detector} onCode={onCode} onEnd={() => setIsOn(false)} />}
      <form class="scan-form" onSubmit={type}>
        <TextField label={label ?? t.code} value={code} onChange={setCode} autocomplete="off" spellcheck={false} />
        <button type="submit" class="button">{button ?? t.codeAdd}</button>
      </form>
    </div>
  );
}

function Camera({ detector, onCode, onEnd }: { detector: new () => Detector; onCode: (code: string) => void; onEnd: () => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const hear = useRef(onCode);
  hear.current = onCode;
  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer = 0;
    let hasEnded = false;
    let last = { code: "", at: 0 };
    const reader = new detector();
    const read = async () => {
      const [found] = video.current ? await reader.detect(video.current).catch(() => []) : [];
      if (found && (found.rawValue !== last.code || Date.now() - last.at > SAME)) hear.current(found.rawValue);
      if (found) last = { code: found.rawValue, at: Date.now() };
      if (!hasEnded) timer = setTimeout(() => void read(), EACH);
    };
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(async (got) => {
      stream = got;
      if (hasEnded || !video.current) return got.getTracks().forEach((track) => track.stop());
      video.current.srcObject = got;
      await video.current.play();
      void read();
    }).catch(onEnd);
    return () => {
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
      hasEnded = true;
    };
  }, []);
  return <video ref={video} class="camera" muted playsInline />;
}
