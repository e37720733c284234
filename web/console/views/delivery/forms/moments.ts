// Times in a field of the browser: of the reader's own time zone, to the minute.
const MINUTE = 60_000;

/** The value of a field for a moment of the API. */
export function fieldOf(moment: string | null): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

/** The moment that a field has; null where it is empty. */
export const momentOf = (field: string): string | null => (field ? new Date(field).toISOString() : null);
