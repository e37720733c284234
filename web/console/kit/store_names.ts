// The names of the chain's stores.
import { useMemo } from "preact/hooks";
import { useApi } from "./load";
import { chain } from "./session";

export type StoreNames = Record<string, string>; // by the ids of stores; a store that is not among the first 200 is shown by its id

export function useStoreNames(): StoreNames {
  const stores = useApi<{ stores: { id: string; settings: { name: string } }[] }>("/v1/stores", { chain: chain.value, limit: 200 }, { every: 0 });
  return useMemo(() => Object.fromEntries((stores.data?.stores ?? []).map(({ id, settings }) => [id, settings.name])), [stores.data]);
}
