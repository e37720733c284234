// What the desk does to a delivery, by its API. Each names the state that the page shows, so a newer one is not overruled.
import { notify, post, useSentence, useTexts } from "../../kit";
import en from "./en";
import type { Courier, Delivery } from "./model";
import zh from "./zh";

/** Raises Problem. */
export const act = (delivery: Delivery, action: string, key: string, details: Record<string, unknown> = {}): Promise<Delivery> =>
  post<Delivery>(`/v1/deliveries/${delivery.id}/actions`, { id: key, action, expected: delivery.carriage, ...details }, key);

/** Gives a delivery to a courier at once, with a notice of what became of it. */
export function useAssign(after: () => void): (delivery: Delivery, courier: Courier) => Promise<void> {
  const t = useTexts({ en, zh });
  const sentence = useSentence();
  return async (delivery, courier) => {
    if (!courier.stores.includes(delivery.store)) return notify(t.wrongStore(courier.name, delivery.store), "bad");
    try {
      await act(delivery, "assign", crypto.randomUUID(), { courier: courier.id });
      notify(t.assigned(delivery.number, courier.name));
    } catch (problem) {
      notify(sentence(problem), "bad");
    }
    after();
  };
}
