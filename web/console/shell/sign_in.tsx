// The sign-in page: email address and password, and the second step where the person has one; or a passkey.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../kit/api";
import { Button } from "../kit/button";
import { OfflineNotice } from "../kit/feedback";
import { SelectField, TextField } from "../kit/form";
import { duration } from "../kit/format";
import { Icon } from "../kit/icons";
import { useSentence } from "../kit/problems";
import { PutAway, hasPasskeys } from "../kit/passkeys";
import { leftBecause, signIn, signInWithPasskey } from "../kit/session";
import { useKitTexts } from "../kit/texts";
import { Brand } from "./brand";
import { LanguageSwitch } from "./preferences";
import { ProviderForm } from "./provider";
import { useShellTexts } from "./texts";

export function SignIn(): JSX.Element {
  const t = useShellTexts();
  const kit = useKitTexts();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [chains, setChains] = useState<string[]>([]);
  const [chain, setChain] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [atProvider, setAtProvider] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => void (document.title = `${t.title} · Dumbwaiter`), [t]);
  useEffect(() => form.current?.querySelector<HTMLInputElement>(code === null ? "input[type=email]" : "input[name=code]")?.focus(), [code === null]);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ email: email.trim(), password, ...(chain ? { chain } : {}), ...(code ? { code: code.replaceAll(/\s/g, "") } : {}) });
    } catch (failure) {
      if (failure instanceof Problem && failure.code === "code_needed") setCode("");
      else if (failure instanceof Problem && failure.code === "chain_needed") ask(failure.document["chains"] as string[]);
      else setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  const ask = (names: string[]) => {
    setChains(names);
    setChain(names[0] ?? "");
  };
  const withPasskey = async () => {
    setBusy(true);
    setProblem(null);
    await signInWithPasskey().catch(setProblem);
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <OfflineNotice />
      <div class="sign-in-card">
        <p class="brand"><Brand size={40} /><span>Dumbwaiter</span></p>
        <h1>{code === null ? t.title : t.codeTitle}</h1>
        {code === null && <p class="soft">{t.lead}</p>}
        <p role="status">{leftBecause.value && !problem ? <span class="note"><Icon name="dash" size={18} />{t[leftBecause.value]}</span> : null}</p>
        {atProvider ? <ProviderForm /> : <form ref={form} class="form" onSubmit={(event) => void send(event)}>
          {code === null ? (
            <>
              <TextField label={t.email} type="email" name="email" autocomplete="username" required value={email} onChange={setEmail} />
              <Password label={t.password} show={t.show} value={password} onChange={setPassword} />
              {chains.length > 0 && <SelectField label={t.whichChain} hint={t.whichChainHint} value={chain} onChange={setChain} options={chains.map((name) => ({ value: name, label: name }))} />}
            </>
          ) : (
            <TextField label={t.code} hint={t.codeHint} name="code" inputMode="numeric" autocomplete="one-time-code" required value={code} onChange={setCode} />
          )}
          <Reason problem={problem} />
          <Button kind="main" submit busy={busy}>{busy ? kit.working : t.submit}</Button>
          {code !== null && <Button kind="quiet" onPress={() => { setCode(null); setProblem(null); }}>{t.back}</Button>}
        </form>}
        {code === null && !atProvider && hasPasskeys() && <Button icon="key" onPress={() => void withPasskey()} busy={busy}>{t.passkey}</Button>}
        {code === null && <Button kind="quiet" onPress={() => setAtProvider(!atProvider)}>{atProvider ? t.providerBack : t.provider}</Button>}
        {code === null && !atProvider && <p class="soft small">{t.forgot}</p>}
      </div>
      <LanguageSwitch />
    </main>
  );
}

export function Password({ label, show, value, onChange, autocomplete = "current-password", hint, error }: { label: string; show: string; value: string; onChange: (value: string) => void; autocomplete?: string; hint?: string; error?: string }): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <div class="password">
      <TextField label={label} type={shown ? "text" : "password"} name="password" autocomplete={autocomplete} required value={value} onChange={onChange} hint={hint} error={error} />
      <label class="show-password"><input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />{show}</label>
    </div>
  );
}

function Reason({ problem }: { problem: unknown }): JSX.Element {
  const t = useShellTexts();
  const sentence = useSentence();
  const say = () => {
    if (problem instanceof PutAway) return t.passkeyPutAway;
    if (!(problem instanceof Problem)) return sentence(problem);
    if (problem.status === 429) return t.locked(problem.retryAfter ? duration(problem.retryAfter) : t.lockedSomeTime);
    if (problem.status === 422) return t.wrong;
    return sentence(problem);
  };
  return <div role="alert">{problem !== null && <p class="failure"><Icon name="warning" /><span>{say()}</span></p>}</div>;
}
