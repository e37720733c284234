// What stays on the device: IndexedDB, with a store for values by name, one for what is to be sent, and one for places.
const NAME = "dumbwaiter.work";
type Store = "values" | "outbox" | "fixes";

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("values");
      request.result.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
      request.result.createObjectStore("fixes", { keyPath: "n", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no storage"));
  });
  return opened;
}

// Resolves when the transaction has ended: what is told as kept is on the disk.
async function run<T>(store: Store, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error ?? new Error("not stored"));
  });
}

export const readValue = <T>(name: string): Promise<T | undefined> => run("values", "readonly", (store) => store.get(name) as IDBRequest<T | undefined>);
export const writeValue = (name: string, value: unknown): Promise<unknown> => run("values", "readwrite", (store) => store.put(value, name));
export const clearValues = (): Promise<unknown> => run("values", "readwrite", (store) => store.clear());
/** Adds all values or none, in order; the key of the last one. */
export const addTo = (store: "outbox" | "fixes", ...values: [unknown, ...unknown[]]): Promise<number> =>
  run(store, "readwrite", (entries) => {
    const [request] = values.map((value) => entries.add(value)).slice(-1);
    return request as IDBRequest<number>;
  });
export const replaceIn = (store: "outbox" | "fixes", value: unknown): Promise<unknown> => run(store, "readwrite", (found) => found.put(value));
export const removeFrom = (store: "outbox" | "fixes", key: IDBValidKey | IDBKeyRange): Promise<unknown> => run(store, "readwrite", (found) => found.delete(key));
export const allOf = <T>(store: "outbox" | "fixes", most?: number): Promise<T[]> => run(store, "readonly", (found) => found.getAll(undefined, most) as IDBRequest<T[]>);
