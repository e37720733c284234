// A store as the API has it. Fields that this page does not know are kept: they are sent back as they came.
export interface TaxRule {
  id: string;
  name: string;
  percent: string;
  inclusive?: boolean;
  services?: string[];
  classes?: string[];
  charges?: boolean | null;
}

export interface Settings {
  name: string;
  chain: string;
  region: string;
  city?: string | null;
  country?: string | null;
  timezone: string;
  currency: string;
  day_ends_at: string;
  lead_minutes: number;
  tax?: { rate?: number | null; percent?: string | null; inclusive?: boolean };
  cash_rounding?: number | null;
  taxes: TaxRule[];
  tax_rounding?: "order" | "line";
  menu?: string | null;
  slots?: { minutes: number; orders: number | null; pieces: number | null } | null;
  closed_from?: string | null;
}

export interface Hours {
  opens: string;
  closes: string;
}

export interface OpeningHours {
  week: Hours[][];
  closed_on: string[];
}

export interface Store {
  id: string;
  revision: number;
  settings: Settings;
  opening_hours: OpeningHours | null;
  business_day: string;
  open: boolean;
  closed: boolean;
}

export const pathOf = (store: string): string => `/v1/stores/${encodeURIComponent(store)}`;
export const printingOf = (store: string): string => `/v1/printing/stores/${encodeURIComponent(store)}`;

/** The taxes of a store as one list: a store with the single tax of `tax` has one that holds for all. */
export function taxesOf({ tax, taxes }: Settings): TaxRule[] {
  if (taxes.length) return taxes;
  const percent = tax?.percent ?? (tax?.rate ? String(tax.rate / 100) : null);
  return percent === null ? [] : [{ id: "tax", name: "Tax", percent, inclusive: tax?.inclusive ?? true }];
}

/** The settings with these taxes. A single tax for all stays the `tax`, which is rounded once an order. */
export function withTaxes(settings: Settings, taxes: TaxRule[]): Settings {
  const [only] = taxes;
  const isPlain = only && taxes.length === 1 && !only.classes?.length && !only.services?.length;
  if (!settings.taxes.length && isPlain) return { ...settings, tax: { rate: null, percent: only.percent, inclusive: only.inclusive ?? true } };
  return { ...settings, tax: taxes.length ? (settings.tax ?? {}) : { rate: 0, percent: null, inclusive: true }, taxes };
}
