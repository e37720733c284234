// The frame around all views: navigation by rights, the person's menu, notices.
import type { ComponentType, JSX } from "preact";
import { Component } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { VIEWS } from "virtual:views";
import { Button } from "../kit/button";
import { Empty, Failure, Loading, OfflineNotice } from "../kit/feedback";
import { Notices } from "../kit/notices";
import { useTexts } from "../kit/i18n";
import { Icon } from "../kit/icons";
import { Link, Page } from "../kit/layout";
import { go, place } from "../kit/place";
import { chain, may, session } from "../kit/session";
import { useKitTexts } from "../kit/texts";
import { GROUPS, type NamedView, type PageProps } from "../kit/view";
import { Announcements } from "./announcements";
import { Brand } from "./brand";

const IN_BAR = 4; // views in the bar of a phone, beside "More"
const ordered = [...VIEWS].sort((one, other) => GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group) || one.order - other.order);
const allowed = (): NamedView[] => ordered.filter(({ right }) => right === null || may(right));
const inNavigation = (): NamedView[] => allowed().filter(({ name }) => name !== "profile");

function currentView(): { view: NamedView | undefined; parts: string[] } {
  const [, first = "", ...parts] = place.value.path.split("/").map(decodeURIComponent);
  return { view: allowed().find(({ path }) => path === `/${first}`), parts };
}

export function Shell(): JSX.Element {
  const t = useKitTexts();
  const { view, parts } = currentView();
  const isHome = place.value.path === "/";
  const main = useRef<HTMLElement>(null);
  const first = inNavigation()[0];
  useEffect(() => {
    if (isHome && first) go(first.path, { replace: true });
  }, [isHome, first]);
  // A screen reader hears the heading of the new page; the keyboard goes on from it.
  const before = useRef(view?.name);
  useEffect(() => {
    if (before.current !== view?.name) main.current?.focus({ preventScroll: true });
    before.current = view?.name;
  }, [view?.name]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{t.skip}</a>
      <div class="shell">
        <Navigation current={view?.name} />
        <main id="main" ref={main} tabIndex={-1}>
          <OfflineNotice />
          <Announcements />
          {view ? <ViewFrame key={view.name} view={view} parts={parts} /> : !isHome ? <NoPage /> : !first && <Page title="Dumbwaiter"><Empty title={t.noView} hint={t.noViewHint} /></Page>}
        </main>
      </div>
      <Notices />
    </>
  );
}

function NoPage(): JSX.Element {
  const t = useKitTexts();
  return <Page title={t.notFound}><Empty title={t.notFound} hint={t.notFoundHint} icon="search" /></Page>;
}

const loaded = new Map<string, ComponentType<PageProps>>();

/** Loads the code of a view once. A fault inside it leaves the rest of the page as it is. */
function ViewFrame({ view, parts }: { view: NamedView; parts: string[] }): JSX.Element {
  const title = useTexts(view.title);
  const [problem, setProblem] = useState<unknown>(null);
  const [, show] = useState(0);
  const load = () => {
    setProblem(null);
    view.load().then(({ default: page }) => {
      loaded.set(view.name, page);
      show((count) => count + 1);
    }, () => setProblem(new Error("the view's script does not load")));
  };
  useEffect(() => {
    if (!loaded.has(view.name)) load();
  }, []);
  const ViewPage = loaded.get(view.name);
  if (ViewPage) return <Fence key={place.value.path}><ViewPage parts={parts} /></Fence>;
  return <Page title={title}>{problem ? <NewVersion /> : <Loading lines={6} />}</Page>;
}

// After a deploy the names of the scripts are others.
function NewVersion(): JSX.Element {
  const t = useKitTexts();
  return <Empty title={t.newVersion} hint="" icon="refresh"><Button kind="main" onPress={() => location.reload()}>{t.reload}</Button></Empty>;
}

class Fence extends Component<{ children: JSX.Element }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  override render(): JSX.Element {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken(): JSX.Element {
  const t = useKitTexts();
  return <Page title={t.brokenView}><Failure problem={new Error(t.brokenView)} /><p class="soft">{t.brokenViewHint}</p><Button onPress={() => location.reload()}>{t.reload}</Button></Page>;
}

function Navigation({ current }: { current: string | undefined }): JSX.Element {
  const t = useKitTexts();
  const [open, setOpen] = useState(false);
  const views = inNavigation();
  useEffect(() => setOpen(false), [place.value.path]);
  useEffect(() => {
    const shut = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    addEventListener("keydown", shut);
    return () => removeEventListener("keydown", shut);
  }, []);
  return (
    <>
      <div class={`side ${open ? "open" : ""}`}>
        <div class="side-head"><Brand size={28} /><span class="side-chain">{chain.value}</span></div>
        <nav aria-label={t.navigation}>
          {GROUPS.map((group) => {
            const members = views.filter((view) => view.group === group);
            return members.length > 0 && (
              <div key={group} class="side-group">
                <p>{t.groups[group]}</p>
                <ul>{members.map((view) => <li key={view.name}><ViewLink view={view} isCurrent={view.name === current} /></li>)}</ul>
              </div>
            );
          })}
        </nav>
        <PersonLink isCurrent={current === "profile"} />
      </div>
      <nav class="tab-bar" aria-label={t.navigation}>
        {views.slice(0, IN_BAR).map((view) => <ViewLink key={view.name} view={view} isCurrent={view.name === current} />)}
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? "close" : "more"} size={22} /><span>{open ? t.close : t.more_views}</span></button>
      </nav>
    </>
  );
}

function ViewLink({ view, isCurrent }: { view: NamedView; isCurrent: boolean }): JSX.Element {
  const title = useTexts(view.title);
  return <Link to={view.path} class="view-link" {...(isCurrent ? { "aria-current": "page" as const } : {})}><Icon name={view.icon} size={20} /><span>{title}</span></Link>;
}

function PersonLink({ isCurrent }: { isCurrent: boolean }): JSX.Element {
  const name = session.value?.name ?? "";
  return (
    <Link to="/profile" class="person-link" {...(isCurrent ? { "aria-current": "page" as const } : {})}>
      <span class="initials" aria-hidden="true">{initials(name)}</span><span class="person-name"><b>{name}</b><small>{session.value?.email}</small></span>
    </Link>
  );
}

const initials = (name: string): string => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => Array.from(word)[0]).join("").toUpperCase() || "?";
