// Forecasts as the API has them.
export interface ForecastDay {
  store: string;
  day: string;
  origin: string;
  mean: number;
  p10: number;
  p50: number;
  p90: number;
  reasons: string;
}

export interface ForecastPage {
  since: string | null;
  origin: string | null;
  days: ForecastDay[];
}

export interface HistoryPage {
  days: { day: string; currency: string; revenue: number }[];
}

export interface Total {
  store: string | null;
  days: number;
  first_day: string;
  last_day: string;
  mean: number;
  p10: number;
  p90: number;
  revenue: number | null;
}

export interface Run {
  origin: string;
  shocks: string[];
  silent: { store: string; days: number }[];
}

const DAY = 86_400_000;
const time = (day: string): number => Date.parse(`${day}T00:00Z`);

/** The day so many days later; earlier for a number below 0. */
export const later = (day: string, days: number): string => new Date(time(day) + days * DAY).toISOString().slice(0, 10);

export const daysBetween = (first: string, last: string): number => Math.round((time(last) - time(first)) / DAY);

// No forecast looks back further.
const LONGEST = 730;

export const historyDays = (page: ForecastPage): number => (page.since && page.origin ? Math.min(daysBetween(page.since, page.origin) + 1, LONGEST) : 0);
