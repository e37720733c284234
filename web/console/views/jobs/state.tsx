// The status of a job, as a word and a sign.
import type { JSX } from "preact";
import { State, useTexts } from "../../kit";
import en from "./en";
import type { Status } from "./model";
import zh from "./zh";

const TONES: Record<Status, "good" | "wait" | "still"> = { active: "good", paused: "wait", ended: "still", cancelled: "still" };

export function JobState({ status }: { status: Status }): JSX.Element {
  const t = useTexts({ en, zh });
  return <span class="jobs-state"><State tone={TONES[status]}>{t.states[status]}</State></span>;
}
