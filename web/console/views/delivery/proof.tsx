// What shows that the goods came to the right door: files, PIN, and with whom they were left.
import type { ComponentChildren, JSX } from "preact";
import { Action, Card, Facts, Row, State, format, post, useTexts, type Tone } from "../../kit";
import en from "./en";
import type { Delivery, Proof } from "./model";
import zh from "./zh";

const TONES: Record<string, Tone> = { expected: "wait", proven: "good", refused: "bad" };

export function ProofCard({ delivery }: { delivery: Delivery }): JSX.Element {
  const t = useTexts({ en, zh });
  const { proof, proofs = [] } = delivery;
  const text = (name: string): string | null => (typeof proof[name] === "string" ? (proof[name] as string) : null);
  const leftWith = text("left_with");
  const all: [string, ComponentChildren][] = [
    ...proofs.map((one): [string, ComponentChildren] => [t.proofKinds[one.kind] ?? one.kind, <File key={one.kind} delivery={delivery} proof={one} />]),
    [t.pin, proof["pin"] === true && <State tone="good">{t.pinFits}</State>],
    [t.leftWith, leftWith && (t.leftWiths[leftWith] ?? leftWith)],
    [t.failedFor, text("failed")],
    [t.cancelledFor, text("cancelled")],
  ];
  const rows = all.filter(([, value]) => Boolean(value));
  return <Card title={t.proof}>{rows.length ? <Facts rows={rows} /> : <p class="soft">{t.noProof}</p>}</Card>;
}

// Who opened a file is recorded, and its address is good for a minute: so it is asked for when somebody wants to see it.
function File({ delivery, proof }: { delivery: Delivery; proof: Proof }): JSX.Element {
  const t = useTexts({ en, zh });
  const show = async (key: string) => {
    const { url } = await post<{ url: string }>(`/v1/deliveries/${delivery.id}/proofs/${proof.kind}/links`, {}, key);
    if (new URL(url).protocol.startsWith("http")) open(url, "_blank", "noopener,noreferrer");
  };
  return (
    <Row>
      <State tone={TONES[proof.state] ?? "still"}>{t.proofStates[proof.state] ?? proof.state}</State>
      {proof.at && <span class="soft">{format.time(proof.at)}</span>}
      {proof.reason && <span class="soft">{proof.reason}</span>}
      {proof.state === "proven" && <Action small act={show} done={t.photoOpened} label={t.to(t.show, t.proofKinds[proof.kind] ?? proof.kind)}>{t.show}</Action>}
    </Row>
  );
}
