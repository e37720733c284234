// The work pages: signs a person in, then shows what there is to pack and to deliver. It starts without a connection, too.
import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../console/kit/api";
import { Empty, Failure, Loading } from "../console/kit/feedback";
import { clock } from "../console/kit/format";
import { LANGUAGES, language, speak, type Language } from "../console/kit/i18n";
import { Icon } from "../console/kit/icons";
import { connected, useLive } from "../console/kit/live";
import { CONSOLE } from "../console/kit/place";
import { enter, forgetting, keepFresh, loadSession, may, session, signOut, type SessionDocument } from "../console/kit/session";
import { chooseTheme, themeChoice, type ThemeChoice } from "../console/kit/theme";
import { SignIn } from "../console/shell/sign_in";
import { CourierList, CourierOrder } from "./courier";
import { asOf, courier, deliveries, forget, isLoaded, load, loadKept, problem } from "./deliveries";
import { forgetInboxes, loadInboxes, look as lookIntoInboxes } from "./inbox";
import { deliver, loadOutbox, reached, waiting } from "./outbox";
import { Big, Refused, opened } from "./parts";
import { PackerList, PackerOrder } from "./packer";
import { followCourier } from "./places";
import { forgetPush, pushed, renewPush, wakeMe } from "./push";
import { clearValues, readValue, writeValue } from "./storage";
import { useWords } from "./texts";

const POLL = 15_000;

function App(): JSX.Element {
  const [failure, setFailure] = useState<unknown>(null);
  const begin = () => {
    setFailure(null);
    enterSomehow().catch(setFailure);
  };
  useEffect(begin, []);
  if (session.value) return <Work key={session.value.person} />;
  if (session.value === null) return <SignIn />;
  return <main class="waiting">{failure ? <Failure problem={failure} retry={begin} /> : <Loading lines={3} />}</main>;
}

/** The session of the API; without a connection the person of the last one, with what this device has kept. */
async function enterSomehow(): Promise<void> {
  await loadOutbox();
  try {
    await loadSession();
  } catch (failure) {
    const kept = failure instanceof Problem && failure.status === 0 ? await readValue<SessionDocument>("session") : null;
    if (!kept) throw failure;
    enter({ ...kept, csrf: "" });
  }
}

/** Back on line: the session first, since each change needs its token. */
async function refresh(): Promise<void> {
  if (!session.value) return;
  if (!session.value.csrf) await loadSession().catch(() => undefined);
  if (!session.value?.csrf) return;
  await Promise.all([deliver(), load(), lookIntoInboxes()]);
}

function Work(): JSX.Element {
  const t = useWords();
  const [hash, setHash] = useState(location.hash);
  useEffect(() => void (document.title = `${t.title} · Dumbwaiter`), [t]);
  useEffect(() => {
    const turn = () => setHash(location.hash);
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  useFresh();
  const delivery = deliveries.value.find(({ id }) => id === opened());
  return (
    <div class="work">
      <Bar />
      <main id="main" tabIndex={-1}>
        <Refused />
        <Failure problem={reached.value && navigator.onLine ? problem.value : null} retry={() => void refresh()} />
        {delivery ? <Order id={delivery.id} /> : <Lists hash={hash} />}
      </main>
    </div>
  );
}

function useFresh(): void {
  useEffect(() => {
    void begin();
    const timer = setInterval(() => (connected.value && !waiting.value.length ? undefined : void refresh()), POLL);
    const wake = () => !document.hidden && void refresh();
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    navigator.serviceWorker?.addEventListener("message", wake); // a push has come
    return () => {
      clearInterval(timer);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      navigator.serviceWorker?.removeEventListener("message", wake);
    };
  }, []);
  useLive(session.value?.csrf ? WATCH : null, refreshNow);
}

const WATCH = { topics: ["delivery"] };
const refreshNow = () => void refresh();

async function begin(): Promise<void> {
  await keepSession();
  await Promise.all([loadKept(), loadInboxes()]);
  await refresh();
  await renewPush();
}

// What the device keeps is of one person. The token against forged requests is not kept.
async function keepSession(): Promise<void> {
  if (!session.value) return;
  const { csrf: _, grants: __, ...found } = session.value;
  const kept = await readValue<SessionDocument>("session");
  if (kept && kept.person !== found.person) await clearValues();
  await writeValue("session", found);
}

function Order({ id }: { id: string }): JSX.Element {
  const delivery = deliveries.value.find((one) => one.id === id);
  if (!delivery) return <Loading />;
  const isCarried = may("delivery:carry") && (delivery.courier === courier.value?.id || !may("delivery:pack", delivery.store));
  return isCarried ? <CourierOrder delivery={delivery} /> : <PackerOrder delivery={delivery} />;
}

function Lists({ hash }: { hash: string }): JSX.Element {
  const t = useWords();
  const [packs, carries] = [may("delivery:pack"), may("delivery:carry")];
  const isDeliver = carries && (!packs || hash === "#/deliver");
  if (!packs && !carries) return <Empty title={t.noRole} hint={t.noRoleHint} icon="people" />;
  if (!isLoaded.value) return <Loading />;
  return (
    <>
      {packs && carries && (
        <nav class="tabs" aria-label={t.title}>
          <a class="button big" href="#/" aria-current={isDeliver ? undefined : "page"}>{t.pack}</a>
          <a class="button big" href="#/deliver" aria-current={isDeliver ? "page" : undefined}>{t.deliver}</a>
        </nav>
      )}
      <h1 class="hidden">{isDeliver ? t.deliver : t.pack}</h1>
      {isDeliver ? <CourierList /> : <PackerList />}
    </>
  );
}

function Bar(): JSX.Element {
  const t = useWords();
  const [online, setOnline] = useState(navigator.onLine);
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const tell = () => setOnline(navigator.onLine);
    addEventListener("online", tell);
    addEventListener("offline", tell);
  }, []);
  const isOff = !online || !reached.value;
  return (
    <header class="top">
      <div class="top-line">
        <b>{t.title}</b>
        <span class="top-state">{asOf.value && t.asOf(clock(asOf.value))}</span>
        <button type="button" class="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}><Icon name="more" />{t.menu}</button>
      </div>
      <div role="status">
        {(isOff || waiting.value.length > 0) && <p class="offline"><Icon name={isOff ? "offline" : "clock"} size={18} />{isOff && <b>{t.offline}</b>}{waiting.value.length > 0 && <span>{t.toSend(waiting.value.length)}</span>}</p>}
      </div>
      {isOpen && <Menu />}
    </header>
  );
}

function Menu(): JSX.Element {
  const t = useWords();
  const [failed, setFailed] = useState(false);
  const themes: ThemeChoice[] = ["device", "light", "dark"];
  return (
    <div class="menu">
      <p>{session.value?.name}</p>
      <div class="languages" role="group" aria-label={t.language}>
        {(Object.keys(LANGUAGES) as Language[]).map((one) => <button key={one} type="button" lang={one === "zh" ? "zh-CN" : "en"} aria-pressed={language.value === one} onClick={() => speak(one)}>{LANGUAGES[one]}</button>)}
      </div>
      <div class="languages" role="group" aria-label={t.theme}>
        {themes.map((one) => <button key={one} type="button" aria-pressed={themeChoice.value === one} onClick={() => chooseTheme(one)}>{t.themes[one]}</button>)}
      </div>
      {pushed.value === "on" ? <p>{t.wakeOn}</p> : pushed.value === "off" && <Big onPress={() => void wakeMe().then(() => setFailed(false), () => setFailed(true))}>{t.wake}</Big>}
      <p role="status">{failed || pushed.value === "none" ? t.wakeFailed : ""}</p>
      <Big icon="leave" disabled={!navigator.onLine} onPress={() => void signOut().catch(() => undefined)}>{t.signOut}</Big>
      {!navigator.onLine && <p class="soft">{t.signOutOffline}</p>}
    </div>
  );
}

// What the person did and is not sent yet stays for the next sign-in; all else of the person goes.
forgetting.push(() => {
  forget();
  forgetInboxes();
  location.hash = "";
  void clearValues();
  void forgetPush().catch(() => undefined);
});

speak(language.value);
keepFresh();
followCourier();
void navigator.storage?.persist?.();
const root = document.getElementById("app");
if (root) render(<App />, root);
if ("serviceWorker" in navigator) navigator.serviceWorker.register(`${CONSOLE}worker.js`, { scope: CONSOLE.slice(0, -1) }).catch(console.warn);
