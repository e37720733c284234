// The console: signs a person in, then shows the views that the person may see.
import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure, Loading } from "./kit/feedback";
import { language, speak } from "./kit/i18n";
import { CONSOLE, followLinks, place } from "./kit/place";
import { loadSession, session } from "./kit/session";
import "./kit/theme";
import { Account, isAccountPath } from "./shell/account";
import { Shell } from "./shell/shell";
import { SignIn } from "./shell/sign_in";

function App(): JSX.Element {
  const [problem, setProblem] = useState<unknown>(null);
  const load = () => {
    setProblem(null);
    loadSession().catch(setProblem);
  };
  useEffect(load, []);
  if (isAccountPath(place.value.path)) return <Account />;
  if (session.value) return <Shell />;
  if (session.value === null) return <SignIn />;
  return <main class="waiting">{problem ? <Failure problem={problem} retry={load} /> : <Loading lines={3} />}</main>;
}

speak(language.value);
followLinks();
const root = document.getElementById("app");
if (root) render(<App />, root);
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register(`${CONSOLE}worker.js`, { scope: CONSOLE }).catch(() => undefined);
