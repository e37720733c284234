// Light or dark: as the device has it, or as the person chose.
import { computed, signal } from "@preact/signals";

export type ThemeChoice = "device" | "light" | "dark";
const STORED = "dumbwaiter.theme";
const isChoice = (text: string | null): text is ThemeChoice => text === "device" || text === "light" || text === "dark";
const ofDevice = matchMedia("(prefers-color-scheme: dark)");
const deviceIsDark = signal(ofDevice.matches);
ofDevice.addEventListener("change", () => (deviceIsDark.value = ofDevice.matches));

const stored = localStorage.getItem(STORED);
export const themeChoice = signal<ThemeChoice>(isChoice(stored) ? stored : "device");
export const theme = computed<"light" | "dark">(() => (themeChoice.value === "device" ? (deviceIsDark.value ? "dark" : "light") : themeChoice.value));

export function chooseTheme(wanted: ThemeChoice): void {
  themeChoice.value = wanted;
  localStorage.setItem(STORED, wanted);
}

theme.subscribe((now) => (document.documentElement.dataset["theme"] = now));
