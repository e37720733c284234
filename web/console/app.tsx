// The console: signs a person in, then shows the views that the person may see.
import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure, Loading } from "./kit/feedback";
import { language, speak } from "./kit/i18n";
import { CONSOLE, followLinks } from "./kit/place";
import { keepFresh, loadSession, session } from "./kit/session";
import "./kit/theme";
import { LinkPage, isLink } from "./shell/link";
import { ProviderReturn, isReturn } from "./shell/provider";
import { Shell } from "./shell/shell";
import { SignIn } from "./shell/sign_in";

function App(): JSX.Element {
  const [problem, setProblem] = useState<unknown>(null);
  const load = () => {
    setProblem(null);
    loadSession().catch(setProblem);
  };
  useEffect(load, []);
  if (isLink()) return <LinkPage />;
  if (isReturn()) return <ProviderReturn />;
  if (session.value) return <Shell />;
  if (session.value === null) return <SignIn />;
  return <main class="waiting">{problem ? <Failure problem={problem} retry={load} /> : <Loading lines={3} />}</main>;
}

speak(language.value);
followLinks();
keepFresh();
const root = document.getElementById("app");
if (root) render(<App />, root);
// Its scope begins at /console itself. Without a worker the console needs a connection to start, and that is all.
if ("serviceWorker" in navigator) navigator.serviceWorker.register(`${CONSOLE}worker.js`, { scope: CONSOLE.slice(0, -1) }).catch(console.warn);
