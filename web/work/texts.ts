import { useTexts } from "../console/kit/i18n";
import en from "./en";
import zh from "./zh";

export const useWords = (): typeof en => useTexts({ en, zh });
