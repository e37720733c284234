// Language and theme, on the sign-in page and in the profile.
import type { JSX } from "preact";
import { LANGUAGES, language, speak, type Language } from "../kit/i18n";
import { Icon } from "../kit/icons";

/** One button a language, each in its own words. */
export function LanguageSwitch({ onChoose }: { onChoose?: (language: Language) => void }): JSX.Element {
  return (
    <div class="languages" role="group" aria-label="Language · 语言">
      <Icon name="globe" size={18} />
      {(Object.keys(LANGUAGES) as Language[]).map((one) => (
        <button key={one} type="button" lang={one === "zh" ? "zh-CN" : "en"} aria-pressed={language.value === one}
          onClick={() => { speak(one); onChoose?.(one); }}>{LANGUAGES[one]}</button>
      ))}
    </div>
  );
}
