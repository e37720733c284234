// The name of a timer, and what it does, in the language of the person.
import { useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

/** What a timer does; `inEnglish` is the API's sentence. */
export function useTimerWork(): (timer: string, inEnglish: string) => string {
  const { does } = useTexts({ en, zh });
  return (timer, inEnglish) => does[timer] ?? inEnglish;
}

/** The name; the key in words where this version has no name for it. */
export function useTimerName(): (timer: string) => string {
  const { names } = useTexts({ en, zh });
  return (timer) => names[timer] ?? timer.replaceAll("_", " ");
}
