// Dates, money and numbers for people, by their locale.
import { locale } from "./i18n";

// The decimals of a minor unit are ISO 4217's, as in shared/contracts/money.py: those of the browser are CLDR's, which have
// none for HUF, COP, IDR, PKR and others, and would show these amounts a hundred times too high.
const EXPONENTS: Record<string, number> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0,
  XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
};
const exponentOf = (currency: string): number => EXPONENTS[currency] ?? 2;

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

// Making a format is slow; a table has hundreds of amounts.
function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(name: string, make: () => T): T {
  const key = `${locale()} ${name}`;
  const found = formats.get(key) ?? make();
  formats.set(key, found);
  return found as T;
}

const numberFormat = (options: Intl.NumberFormatOptions) => kept(JSON.stringify(options), () => new Intl.NumberFormat(locale(), options));
const dateFormat = (options: Intl.DateTimeFormatOptions) => kept(JSON.stringify(options), () => new Intl.DateTimeFormat(locale(), options));

/** `amount` in minor units. `whole` leaves the decimals away. */
export function money(amount: number, currency: string, { whole = false, compact = false } = {}): string {
  const exponent = exponentOf(currency);
  const digits = whole || compact ? 0 : exponent;
  const size: Intl.NumberFormatOptions = compact ? { notation: "compact", maximumFractionDigits: 1 } : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return numberFormat({ style: "currency", currency, ...size }).format(amount / 10 ** exponent);
}

/** 1250 → "12.50", as a person types it; in minor units it is again `minorUnits`. */
export const decimal = (amount: number, currency: string): string => (amount / 10 ** exponentOf(currency)).toFixed(exponentOf(currency));

/** "12.5" or "12,50" → 1250; null for a text that is no amount of the currency, such as half a yen. */
export function minorUnits(text: string, currency: string): number | null {
  const match = /^(-?)(\d{1,10})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match) return null;
  const exponent = exponentOf(currency);
  const decimals = (match[3] ?? "").replace(/0+$/, "");
  if (decimals.length > exponent) return null;
  const amount = Number(match[2] + decimals.padEnd(exponent, "0"));
  return match[1] ? -amount : amount;
}

/** The sums of amounts by their currencies, as one text. */
export function moneySum(rows: { amount: number; currency: string }[], options = {}): string {
  const sums = new Map<string, number>();
  for (const { amount, currency } of rows) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].sort().map(([currency, amount]) => money(amount, currency, options)).join(" + ") || "–";
}

export const number = (value: number, digits = 0): string => numberFormat({ maximumFractionDigits: digits }).format(value);
export const compact = (value: number): string => numberFormat({ notation: "compact", maximumFractionDigits: 1 }).format(value);

/** 0.085 → 8.5 %. `sign`: with + before growth. */
export const percent = (share: number, { digits = 0, sign = false } = {}): string =>
  numberFormat({ style: "percent", maximumFractionDigits: digits, ...(sign ? { signDisplay: "exceptZero" as const } : {}) }).format(share);

const DAY_STYLES = {
  long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  short: { weekday: "short", day: "numeric", month: "short" },
  weekday: { weekday: "long" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** A business day, such as 2026-03-01: the same in every time zone. */
export const day = (text: string, style: keyof typeof DAY_STYLES = "short"): string =>
  dateFormat({ ...DAY_STYLES[style], timeZone: "UTC" }).format(new Date(`${text}T00:00Z`));

/** The day of a moment, such as 2026-03-01; in the zone of a store, if one is given. */
export function dayOf(at: string | Date | number, zone?: string): string {
  const parts = new Intl.DateTimeFormat("en", { year: "numeric", month: "2-digit", day: "2-digit", ...(zone ? { timeZone: zone } : {}) }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** A moment's time of day; in the zone of a store, if one is given. */
export const time = (at: string | Date, zone?: string): string =>
  dateFormat({ hour: "numeric", minute: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(new Date(at));

export const clock = (at: string | Date, zone?: string): string =>
  dateFormat({ hour: "numeric", minute: "2-digit", second: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(new Date(at));

export const moment = (at: string | Date, zone?: string): string =>
  dateFormat({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(new Date(at));

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [[86_400, "day"], [3_600, "hour"], [60, "minute"], [1, "second"]];

/** "3 minutes ago", "in 2 hours". */
export function ago(at: string | Date, now = Date.now()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1_000);
  const [size, unit] = STEPS.find(([length]) => Math.abs(seconds) >= length) ?? [1, "second" as const];
  return kept("relative", () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" })).format(Math.trunc(seconds / size), unit);
}

const LENGTHS: [number, string][] = [[86_400, "day"], [3_600, "hour"], [60, "minute"], [1, "second"]];

/** 5_400 → "1 hr 30 min": the two largest units. */
export function duration(seconds: number): string {
  if (seconds < 1) return numberFormat({ style: "unit", unit: "millisecond", unitDisplay: "narrow", maximumFractionDigits: 0 }).format(seconds * 1_000);
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [length, unit] of LENGTHS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count && parts.length < 2) parts.push(numberFormat({ style: "unit", unit, unitDisplay: "short" }).format(count));
    else if (parts.length) break;
  }
  return parts.join(" ");
}
