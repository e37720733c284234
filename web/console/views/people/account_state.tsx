// Whether an account is active, waits for its person, or is disabled.
import type { JSX } from "preact";
import { State, useTexts } from "../../kit";
import en from "./en";
import type { Person } from "./roles";
import zh from "./zh";

export function AccountState({ person }: { person: Person }): JSX.Element {
  const t = useTexts({ en, zh });
  if (person.disabled) return <State tone="bad">{t.disabled}</State>;
  return person.waits ? <State tone="wait">{t.waits}</State> : <State tone="good">{t.active}</State>;
}
