// The menu as the API has it, and the changes that a person makes to it. Fields that this page does not know are kept.
import { format } from "../../kit";

export interface Option {
  id: string;
  name: string;
  price?: number;
  prices_by_size?: Record<string, number>;
  max?: number;
  groups?: OptionGroup[];
}

export interface OptionGroup {
  id: string;
  name: string;
  min?: number;
  max?: number | null;
  options: Option[];
}

export interface Size {
  id: string;
  price: number;
}

export interface ComboPart {
  id: string;
  name: string;
  min?: number;
  max?: number;
  choices: { item: string; size?: string | null; price?: number }[];
}

export interface Item {
  id: string;
  name: string;
  category: string;
  station?: string | null;
  price?: number | null;
  sizes?: Size[];
  options?: Option[];
  groups?: OptionGroup[];
  combo?: { price?: "own" | "dearest" | "average"; parts: ComboPart[] } | null;
  kind?: string;
  sold_by?: "piece" | "kilogram";
  tax_class?: string;
  texts?: Record<string, { name: string; description?: string | null }>;
  picture?: string | null;
  allergens?: string[];
}

export interface PriceList {
  id: string;
  name: string;
  channels?: string[];
  services?: string[];
  windows?: { weekdays: number[]; opens: string; closes: string }[];
  begins_on?: string | null;
  ends_on?: string | null;
  items?: string[] | null;
  prices?: { item: string; size?: string | null; option?: string | null; price: number }[];
}

export interface Menu {
  items: Item[];
  discounts?: { code: string; rate?: number | null; amount?: number | null }[];
  service_charge?: { rate: number; services: string[] } | null;
  delivery_charge?: number | null;
  price_lists?: PriceList[];
}

/** A menu that is shown or edited: that of a store, or one of the chain. */
export interface Opened {
  kind: "store" | "chain";
  id: string;
  currency: string;
  revision: number;
  menu: Menu;
  chainMenu: string | null; // the chain's menu that the store sells from
  soldOut: string[];
  left: Record<string, number>;
}

export const EMPTY: Menu = { items: [] };

/** The categories in the order of the menu, each with its items. */
export function categoriesOf(menu: Menu): [string, Item[]][] {
  const categories = new Map<string, Item[]>();
  for (const item of menu.items) categories.set(item.category, [...(categories.get(item.category) ?? []), item]);
  return [...categories];
}

export const withItem = (menu: Menu, item: Item): Menu =>
  menu.items.some(({ id }) => id === item.id)
    ? { ...menu, items: menu.items.map((other) => (other.id === item.id ? item : other)) }
    : { ...menu, items: [...menu.items, item] };

export const withoutItem = (menu: Menu, id: string): Menu => ({ ...menu, items: menu.items.filter((item) => item.id !== id) });

/** The menu with the item one place further up (-1) or down (1) within its category. */
export function moved(menu: Menu, id: string, by: -1 | 1): Menu {
  const items = [...menu.items];
  const from = items.findIndex((item) => item.id === id);
  const step = (at: number): number => {
    const next = at + by;
    return items[next] && items[next].category !== items[from]?.category ? step(next) : next;
  };
  const to = step(from);
  const one = items[from];
  const other = items[to];
  if (!one || !other) return menu;
  items[from] = other;
  items[to] = one;
  return { ...menu, items };
}

/** An id that no other item has, from the name. */
export function freshId(name: string, taken: string[]): string {
  const base = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40) || "item";
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!taken.includes(id)) return id;
  }
}

// The id of an option that is not kept yet: a colon cannot be in a stored id.
const NEW = "new:";
export const isNew = ({ id }: Option): boolean => id.startsWith(NEW);
export const newId = (name: string, taken: string[]): string => NEW + freshId(name, taken.map((id) => id.replace(NEW, "")));
const storedOption = (option: Option): Option => ({ ...option, id: option.id.replace(NEW, "") });

/** The item with the ids of its new options in the form in which they are stored. */
export function withIds(item: Item): Item {
  const groups = item.groups?.map((group) => ({ ...group, options: group.options.map(storedOption) }));
  return { ...item, ...(item.options ? { options: item.options.map(storedOption) } : {}), ...(groups ? { groups } : {}) };
}

export const priceText = (item: Item, currency: string): string =>
  item.sizes?.length
    ? item.sizes.map(({ id, price }) => `${id} ${format.money(price, currency)}`).join(" · ")
    : format.money(item.price ?? 0, currency);

export const soldOutCount = (soldOut: string[], id: string): number => soldOut.filter((entry) => entry.startsWith(`${id}/`)).length;

/** The list with `entry` sold out, or on sale again. */
export const switched = (soldOut: string[], entry: string, out: boolean): string[] =>
  out ? [...new Set([...soldOut, entry])] : soldOut.filter((other) => other !== entry);

export interface Difference {
  kind: "added" | "removed" | "changed" | "moved";
  name: string;
  from?: string;
  to?: string;
}

/** Whether both mean the same: fields that are empty and fields that are missing do. */
export const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    const fields = Object.entries(inner).filter(([, field]) => field !== null && field !== undefined && field !== "" && !(Array.isArray(field) && !field.length));
    return Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** What publishing would change, a line for each item; other parts of the menu by `names`. */
export function differences(before: Menu, after: Menu, currency: string, names: Record<"charges" | "lists" | "order", string>): Difference[] {
  const old = new Map(before.items.map((item) => [item.id, item]));
  const now = new Set(after.items.map(({ id }) => id));
  const lines: Difference[] = [];
  for (const item of after.items) {
    const was = old.get(item.id);
    if (!was) lines.push({ kind: "added", name: item.name, to: priceText(item, currency) });
    else if (!same(was, item)) lines.push({ kind: "changed", name: item.name, from: `${was.name}, ${priceText(was, currency)}`, to: `${item.name}, ${priceText(item, currency)}` });
  }
  for (const item of before.items) if (!now.has(item.id)) lines.push({ kind: "removed", name: item.name, from: priceText(item, currency) });
  const order = (items: Item[]) => items.filter(({ id }) => old.has(id) && now.has(id)).map(({ id }) => id);
  if (!same(order(before.items), order(after.items))) lines.push({ kind: "moved", name: names.order });
  const charges = ({ discounts, service_charge, delivery_charge }: Menu) => ({ discounts, service_charge, delivery_charge });
  if (!same(charges(before), charges(after))) lines.push({ kind: "changed", name: names.charges });
  if (!same(before.price_lists ?? [], after.price_lists ?? [])) lines.push({ kind: "changed", name: names.lists });
  return lines;
}

export interface Editing {
  opened: Opened;
  menu: Menu;
  change: ((menu: Menu | null) => void) | null; // null: the person only looks
}

export interface ItemPart {
  edited: Item;
  set: (fields: Partial<Item>) => void;
  currency: string;
}
