// Sign-in at the chain's own OpenID provider: the way there, and the way back at /console/provider.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { post } from "../kit/api";
import { Failure, Loading } from "../kit/feedback";
import { Form, TextField } from "../kit/form";
import { Link } from "../kit/layout";
import { go, place } from "../kit/place";
import { enter, type SessionDocument } from "../kit/session";
import { Brand } from "./brand";
import { useShellTexts } from "./texts";

const STORED = "dumbwaiter.chain";
export const isReturn = (): boolean => place.value.path === "/provider";

/** Asks for the chain, and leads to its provider. */
export function ProviderForm(): JSX.Element {
  const t = useShellTexts();
  const [chain, setChain] = useState(localStorage.getItem(STORED) ?? "");
  const begin = async (key: string) => {
    const { url } = await post<{ url: string }>("/v1/sessions/provider", { chain: chain.trim() }, key);
    localStorage.setItem(STORED, chain.trim());
    // Only an address of the web: the API gives what the chain has stored.
    if (new URL(url).protocol.startsWith("http")) location.assign(url);
  };
  return (
    <Form onSend={begin} submit={t.providerGo}>
      <TextField label={t.chain} hint={t.chainHint} name="chain" autocomplete="organization" spellcheck={false} required value={chain} onChange={setChain} />
    </Form>
  );
}

/** The page to which the provider sends the browser. State and code leave the address bar at once. */
export function ProviderReturn(): JSX.Element {
  const t = useShellTexts();
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const { query } = place.value;
    const [state, code] = [query.get("state"), query.get("code")];
    history.replaceState(null, "", location.pathname);
    if (!state || !code) return setProblem(new Error(query.get("error") ?? "no code"));
    post<SessionDocument>("/v1/sessions/provider/end", { state, code }).then((found) => {
      enter(found);
      go("/", { replace: true });
    }, setProblem);
  }, []);
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand"><Brand size={40} /><span>Dumbwaiter</span></p>
        <h1>{t.title}</h1>
        {problem ? <><Failure problem={problem} /><p>{t.providerFailed}</p><Link to="/">{t.providerAgain}</Link></> : <Loading lines={3} />}
      </div>
    </main>
  );
}
