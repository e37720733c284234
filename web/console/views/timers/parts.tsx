// What the list of timers and the page of one timer share.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { State, format, useTexts } from "../../kit";
import en from "./en";
import type { Outcome, Timer } from "./model";
import zh from "./zh";

const EVERY = 60_000;
const SOON = 2_000;
const SOON_FOR = 60_000;

/** Changes and alerts come by themselves. A run makes no message, so the page asks for runs again, soon after `soonSince`. */
export function useRuns(reload: () => void, soonSince = 0): void {
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && reload(), EVERY);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    const timer = setInterval(() => (Date.now() - soonSince < SOON_FOR ? !document.hidden && reload() : clearInterval(timer)), SOON);
    return () => clearInterval(timer);
  }, [soonSince]);
}

export function TimerState({ timer }: { timer: Timer }): JSX.Element {
  const t = useTexts({ en, zh });
  const [alert] = timer.alerts;
  if (alert) return <span class="timers-state"><State tone="bad">{t.alerts[alert.kind]}</State></span>;
  return <span class="timers-state">{timer.paused ? <State tone="wait" icon="pause">{t.paused}</State> : <State tone="good">{t.good}</State>}</span>;
}

const TONES: Record<Outcome, "good" | "bad" | "info" | "still"> = { running: "info", done: "good", failed: "bad", hung: "bad", skipped: "still" };

export function OutcomeState({ outcome }: { outcome: Outcome }): JSX.Element {
  const t = useTexts({ en, zh });
  return <span class="timers-state"><State tone={TONES[outcome]}>{t.outcomes[outcome]}</State></span>;
}

export function LastRun({ timer: { last } }: { timer: Timer }): JSX.Element {
  const t = useTexts({ en, zh });
  return last ? <><OutcomeState outcome={last.outcome} /> <span class="soft">{format.ago(last.began_at)}</span></> : <span class="soft">{t.never}</span>;
}
