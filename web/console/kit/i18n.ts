// Texts by language. A view has its own in en.ts and zh.ts; the compiler sees to it that both have the same keys.
import { signal } from "@preact/signals";

export type Language = "en" | "zh";
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "中文" };
export type Texts<T> = Record<Language, T>;

const STORED = "dumbwaiter.language";
const isLanguage = (text: string | null | undefined): text is Language => text === "en" || text === "zh";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.languages.some((tag) => tag.startsWith("zh")) && !navigator.languages[0]?.startsWith("en") ? "zh" : "en";
}

export const language = signal<Language>(firstLanguage());

// The region's way to write dates and numbers, of a browser that speaks the language.
export function locale(): string {
  const spoken = navigator.languages.find((tag) => tag.startsWith(language.value));
  return spoken ?? { en: "en", zh: "zh-CN" }[language.value];
}

export function speak(wanted: string | null | undefined): void {
  if (!isLanguage(wanted)) return;
  language.value = wanted;
  localStorage.setItem(STORED, wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

/** The texts in the language of the person: `const t = useTexts({ en, zh })`. */
export const useTexts = <T>(texts: Texts<T>): T => texts[language.value];
