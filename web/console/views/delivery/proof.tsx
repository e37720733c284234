// What shows that the goods came to the right door.
import type { ComponentChildren, JSX } from "preact";
import { Card, Facts, State, useTexts } from "../../kit";
import en from "./en";
import type { Delivery } from "./model";
import zh from "./zh";

export function ProofCard({ delivery }: { delivery: Delivery; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const { proof } = delivery;
  const text = (name: string): string | null => (typeof proof[name] === "string" ? (proof[name] as string) : null);
  const leftWith = text("left_with");
  const all: [string, ComponentChildren][] = [
    [t.pin, proof["pin"] === true && <State tone="good">{t.pinFits}</State>],
    [t.leftWith, leftWith && (t.leftWiths[leftWith] ?? leftWith)],
    [t.failedFor, text("failed")],
    [t.cancelledFor, text("cancelled")],
  ];
  const rows = all.filter(([, value]) => Boolean(value));
  return <Card title={t.proof}>{rows.length ? <Facts rows={rows} /> : <p class="soft">{t.noProof}</p>}</Card>;
}
