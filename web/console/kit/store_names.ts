// The names of stores. A chain with many has the first of them; the others are found by a part of their name.
import { useMemo } from "preact/hooks";
import { useApi, type Loaded } from "./load";
import { chain } from "./session";

export interface StorePlace {
  store: string;
  name: string;
  city: string | null;
  region: string;
  currency: string;
}

export interface Places {
  stores_in_all: number;
  regions: string[]; // of all stores that the person may see
  places: StorePlace[];
}

export type StoreNames = Record<string, string>; // by the ids of stores

const PATH = "/v1/console/places";

export const usePlaces = (query: { q?: string; stores?: string; limit?: number } | null = {}): Loaded<Places> =>
  useApi<Places>(query && PATH, { chain: chain.value, ...query }, { every: 0 });

/** The names of the first stores of the chain, and of these. */
export function useStoreNames(ids: string[] = []): StoreNames {
  const first = usePlaces();
  const known = useMemo(() => namesOf(first.data), [first.data]);
  const isWhole = !first.data || first.data.stores_in_all <= first.data.places.length;
  const missing = isWhole ? [] : [...new Set(ids)].filter((id) => !(id in known)).sort().slice(0, 200);
  const others = usePlaces(missing.length ? { stores: missing.join(",") } : null);
  return useMemo(() => ({ ...known, ...namesOf(others.data) }), [known, others.data]);
}

/** The currency of a store's takings; undefined until it is known. */
export function useStoreCurrency(store: string | null): string | undefined {
  const first = usePlaces();
  const of = (places: Places | undefined) => places?.places.find((one) => one.store === store)?.currency;
  const isMissing = Boolean(store && first.data && !of(first.data));
  const other = usePlaces(isMissing && store ? { stores: store } : null);
  return of(first.data) ?? of(other.data);
}

const namesOf = (places: Places | undefined): StoreNames => Object.fromEntries((places?.places ?? []).map(({ store, name }) => [store, name]));
