// The second step of the sign-in: set up with a QR code, confirmed by a first code, removed with password and code.
import qrcode from "qrcode-generator";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Button, Dialog, Form, State, TextField, post, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface TotpState {
  enabled: boolean;
  recovery_codes: number;
}

type Step = { name: "closed" } | { name: "password" } | { name: "scan"; secret: string; uri: string } | { name: "codes"; codes: string[] } | { name: "remove" };

export function Authenticator(): JSX.Element {
  const t = useTexts({ en, zh });
  const state = useApi<TotpState>("/v1/session/totp", {}, { every: 0 });
  const [step, setStep] = useState<Step>({ name: "closed" });
  const close = () => {
    setStep({ name: "closed" });
    state.reload();
  };
  const enabled = Boolean(state.data?.enabled);
  return (
    <div class="profile-line">
      <h3>{t.authenticator}</h3>
      {state.data && <State tone={enabled ? "good" : "still"}>{enabled ? t.on : t.off}</State>}
      <Button onPress={() => setStep(enabled ? { name: "remove" } : { name: "password" })}>{enabled ? t.remove : t.setUp}</Button>
      <p class="soft small">{enabled ? t.recoveryLeft(state.data?.recovery_codes ?? 0) : t.offHint}</p>
      <Dialog open={step.name !== "closed"} title={step.name === "codes" ? t.codesTitle : t.authenticator} onClose={close}>
        {step.name === "password" && <Begin then={setStep} />}
        {step.name === "scan" && <Scan secret={step.secret} uri={step.uri} then={setStep} />}
        {step.name === "codes" && <RecoveryCodes codes={step.codes} />}
        {step.name === "remove" && <Remove then={close} />}
      </Dialog>
    </div>
  );
}

function Begin({ then }: { then: (step: Step) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [password, setPassword] = useState("");
  return (
    <Form submit={t.setUp} onSend={async (key) => then({ name: "scan", ...(await post<{ secret: string; uri: string }>("/v1/session/totp", { password }, key)) })}>
      <TextField label={t.present} type="password" autocomplete="current-password" required value={password} onChange={setPassword} />
    </Form>
  );
}

function Scan({ secret, uri, then }: { secret: string; uri: string; then: (step: Step) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [code, setCode] = useState("");
  const confirm = async (key: string) => {
    const { recovery_codes: codes } = await post<{ recovery_codes: string[] }>("/v1/session/totp/confirm", { code: code.replaceAll(/\s/g, "") }, key);
    then({ name: "codes", codes });
  };
  return (
    <Form submit={t.confirm} onSend={confirm}>
      <p>{t.scan}</p>
      <QrCode text={uri} label={t.qr} />
      <p class="soft small">{t.secret}: <code>{secret.replaceAll(/(.{4})/g, "$1 ").trim()}</code></p>
      <TextField label={t.code} inputMode="numeric" autocomplete="one-time-code" required value={code} onChange={setCode} />
    </Form>
  );
}

function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    const cells = Array.from({ length: count * count }, (_, at) => [Math.floor(at / count), at % count] as const).filter(([row, column]) => code.isDark(row, column));
    return { size: count + 8, path: cells.map(([row, column]) => `M${column + 4} ${row + 4}h1v1h-1z`).join("") };
  }, [text]);
  return <svg class="profile-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges"><path d={path} /></svg>;
}

function RecoveryCodes({ codes }: { codes: string[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return <><p>{t.codesHint}</p><ul class="profile-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul></>;
}

function Remove({ then }: { then: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  return (
    <Form danger submit={t.remove} after={then} onSend={(key) => post("/v1/session/totp/remove", { password, code: code.replaceAll(/\s/g, "") }, key)}>
      <TextField label={t.present} type="password" autocomplete="current-password" required value={password} onChange={setPassword} />
      <TextField label={t.code} inputMode="numeric" autocomplete="one-time-code" required value={code} onChange={setCode} />
    </Form>
  );
}
