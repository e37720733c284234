// The frame of a view: its heading, cards, tabs, figures.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId } from "preact/hooks";
import { AsOf } from "./feedback";
import { Icon } from "./icons";
import type { Loaded } from "./load";
import { addressOf, place, setQuery } from "./place";

/** A link to a path below /console. */
export function Link({ to, children, ...rest }: { to: string; children: ComponentChildren; class?: string; "aria-label"?: string; "aria-current"?: "page" }): JSX.Element {
  return <a href={addressOf(to)} {...rest}>{children}</a>;
}

/** The whole of a view. `of`: the reply whose time stands beside the heading. */
export function Page({ title, of, actions, back, children }: {
  title: string;
  of?: Pick<Loaded<unknown>, "asOf" | "problem">;
  actions?: ComponentChildren;
  back?: { to: string; label: string };
  children: ComponentChildren;
}): JSX.Element {
  useEffect(() => void (document.title = `${title} · Dumbwaiter`), [title]);
  return (
    <div class="page">
      {back && <Link to={back.to} class="back"><Icon name="back" size={16} />{back.label}</Link>}
      <header class="page-head">
        <h1 tabIndex={-1}>{title}</h1>
        {of && <AsOf of={of} />}
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, note, actions, children, flush }: { title?: string; note?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; flush?: boolean }): JSX.Element {
  const id = useId();
  return (
    <section class={`card ${flush ? "flush" : ""} ${title || actions ? "" : "headless"}`} aria-labelledby={title ? id : undefined}>
      {(title || actions) && <header class="card-head">{title && <h2 id={id}>{title}</h2>}{note && <span class="soft">{note}</span>}{actions && <div class="card-actions">{actions}</div>}</header>}
      {children}
    </section>
  );
}

/** Cards side by side where there is room. `columns`: at most so many. */
export function Grid({ columns = 2, children }: { columns?: 1 | 2 | 3 | 4; children: ComponentChildren }): JSX.Element {
  return <div class={`grid columns-${columns}`}>{children}</div>;
}

export function Row({ children, between }: { children: ComponentChildren; between?: boolean }): JSX.Element {
  return <div class={`row ${between ? "between" : ""}`}>{children}</div>;
}

/** A figure with its name, and how it compares. */
export function Figure({ label, value, note, change }: { label: string; value: ComponentChildren; note?: ComponentChildren; change?: { tone: "good" | "bad" | "still"; text: string } }): JSX.Element {
  return (
    <div class="figure">
      <p class="figure-label">{label}</p>
      <p class="figure-value">{value}</p>
      {change && <p class={`figure-change ${change.tone}`}>{change.tone !== "still" && <Icon name={change.tone === "good" ? "up" : "down"} size={14} />}{change.text}</p>}
      {note && <p class="soft">{note}</p>}
    </div>
  );
}

/** Facts as name and value. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }): JSX.Element {
  return <dl class="facts">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** Tabs as links: the chosen one is in the query, so that an address leads to it. The view shows the chosen one's content. */
export function Tabs({ name = "tab", tabs, label }: { name?: string; tabs: { id: string; label: string; count?: number }[]; label: string }): JSX.Element {
  const chosen = useTab(tabs.map(({ id }) => id), name);
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ id, label: text, count }) => (
        <button key={id} type="button" aria-current={id === chosen ? "true" : undefined} onClick={() => setQuery({ [name]: id === tabs[0]?.id ? null : id })}>
          {text}{count !== undefined && <span class="count">{count}</span>}
        </button>
      ))}
    </nav>
  );
}

export function useTab(ids: string[], name = "tab"): string {
  const wanted = place.value.query.get(name);
  return wanted && ids.includes(wanted) ? wanted : (ids[0] ?? "");
}

/** A horizontal bar, as a share of the largest. Its number stands beside it in words. */
export function Bar({ share, tone = "info" }: { share: number; tone?: "info" | "good" | "wait" | "bad" }): JSX.Element {
  return <span class={`bar ${tone}`} aria-hidden="true"><span style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} /></span>;
}
