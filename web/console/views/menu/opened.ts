// The menu of a store or of the chain, read from the API, and the draft that a person makes of it.
import { useEffect, useState } from "preact/hooks";
import { Problem, place, send, useApi, type Loaded } from "../../kit";
import { EMPTY, type Menu, type Opened } from "./model";

interface StoreMenu {
  revision: number;
  currency: string;
  menu: Menu;
  sold_out: string[];
  left: Record<string, number>;
}

interface StoreSettings {
  revision: number;
  settings: { name: string; currency: string; menu: string | null };
}

interface ChainMenu {
  currency: string;
  revision: number;
  menu: Menu | null;
}

export interface Reading {
  opened: Opened | undefined;
  name: string;
  asked: Pick<Loaded<unknown>, "asOf" | "problem" | "reload">;
}

const isMissing = (problem: unknown): boolean => problem instanceof Problem && problem.status === 404 && ["no_menu", "unknown_menu"].includes(problem.code);

export function useStoreMenu(id: string | null): Reading {
  const path = id === null ? null : `/v1/stores/${encodeURIComponent(id)}`;
  const store = useApi<StoreSettings>(path, {}, { every: 60_000 });
  const menu = useApi<StoreMenu>(path && `${path}/menu`, {}, { every: 30_000 });
  const settings = store.data?.settings;
  const missing = isMissing(menu.problem);
  const found = missing ? undefined : menu.data;
  const opened = settings && (found ?? missing)
    ? {
        kind: "store" as const, id: id ?? "", currency: settings.currency, revision: found?.revision ?? store.data?.revision ?? 0, menu: found?.menu ?? EMPTY,
        chainMenu: settings.menu, soldOut: found?.sold_out ?? [], left: found?.left ?? {},
      }
    : undefined;
  return { opened, name: settings?.name ?? id ?? "", asked: { asOf: menu.asOf, problem: store.problem ?? (missing ? null : menu.problem), reload: () => (store.reload(), menu.reload()) } };
}

export function useChainMenu(id: string | null): Reading {
  const asked = useApi<ChainMenu>(id === null ? null : `/v1/menus/${encodeURIComponent(id)}`, {}, { every: 60_000 });
  const missing = isMissing(asked.problem);
  const currency = missing ? (place.value.query.get("currency") ?? "USD") : asked.data?.currency;
  const opened = currency === undefined
    ? undefined
    : { kind: "chain" as const, id: id ?? "", currency, revision: missing ? -1 : (asked.data?.revision ?? -1), menu: (missing ? null : asked.data?.menu) ?? EMPTY, chainMenu: null, soldOut: [], left: {} };
  return { opened, name: id ?? "", asked: { asOf: asked.asOf, problem: missing ? null : asked.problem, reload: asked.reload } };
}

/** Store the draft as the menu. `beginsAt`: of a chain's menu, when it holds. Raises Problem. */
export function publish(opened: Opened, menu: Menu, key: string, beginsAt: string | null): Promise<unknown> {
  const revision = opened.revision >= 0 ? opened.revision : undefined;
  if (opened.kind === "store") return send("PUT", `/v1/stores/${encodeURIComponent(opened.id)}/menu`, menu, key, revision);
  return send("PUT", `/v1/menus/${encodeURIComponent(opened.id)}`, { currency: opened.currency, begins_at: beginsAt, menu }, key, revision);
}

export interface Draft {
  menu: Menu;
  base: Menu; // of which it is a draft: a revision also changes with the sold-out list
}

const nameOf = (opened: Opened): string => `dumbwaiter.menu.${opened.kind}.${opened.id}`;

/** A draft that outlives a reload of the page, and ends with the tab. null: nothing was changed. */
export function useDraft(opened: Opened | undefined): [Draft | null, (menu: Menu | null) => void] {
  const name = opened ? nameOf(opened) : null;
  const [draft, setDraft] = useState<Draft | null>(null);
  useEffect(() => {
    const text = name && sessionStorage.getItem(name);
    setDraft(text ? (JSON.parse(text) as Draft) : null);
  }, [name]);
  const set = (menu: Menu | null) => {
    if (!opened || !name) return;
    const next = menu && { menu, base: draft?.base ?? opened.menu };
    if (next) sessionStorage.setItem(name, JSON.stringify(next));
    else sessionStorage.removeItem(name);
    setDraft(next);
  };
  return [draft, set];
}
