// The names of stores, and what else their pages need of them. A chain with many has the first of them; the others are found by a part of their name.
import { useMemo } from "preact/hooks";
import { useApi, type Loaded } from "./load";
import { chain } from "./session";

export interface StorePlace {
  store: string;
  name: string;
  city: string | null;
  region: string;
  timezone: string;
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

type ById = Record<string, StorePlace>;

/** The first stores of the chain, and these. */
export function useStorePlaces(ids: string[] = []): ById {
  const first = usePlaces();
  const known = useMemo(() => byId(first.data), [first.data]);
  const isWhole = !first.data || first.data.stores_in_all <= first.data.places.length;
  const missing = isWhole ? [] : [...new Set(ids)].filter((id) => !(id in known)).sort().slice(0, 200);
  const others = usePlaces(missing.length ? { stores: missing.join(",") } : null);
  return useMemo(() => ({ ...known, ...byId(others.data) }), [known, others.data]);
}

/** The names of the first stores of the chain, and of these. */
export function useStoreNames(ids: string[] = []): StoreNames {
  const places = useStorePlaces(ids);
  return useMemo(() => Object.fromEntries(Object.values(places).map(({ store, name }) => [store, name])), [places]);
}

/** A store's place; undefined until it is known. */
export function useStorePlace(store: string | null | undefined): StorePlace | undefined {
  const places = useStorePlaces(store ? [store] : []);
  return store ? places[store] : undefined;
}

const byId = (places: Places | undefined): ById => Object.fromEntries((places?.places ?? []).map((place) => [place.store, place]));

/** The currency of a store's takings; undefined until it is known. */
export const useStoreCurrency = (store: string | null): string | undefined => useStorePlace(store)?.currency;
