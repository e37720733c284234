// The tones of a state, and the sign of each. The word says the state; the colour alone never does.
import type { IconName } from "./icons";

export type Tone = "good" | "wait" | "bad" | "still" | "info";
export const SIGNS: Record<Tone, IconName> = { good: "good", wait: "clock", bad: "warning", still: "dash", info: "dash" };
