// Members as the API has them, and segments as rows of conditions.
export interface TagCounts {
  tag: string;
  possible_values: string[];
  members: number;
  values: Record<string, number>;
}

export interface Profile {
  member: string | null;
  id: string;
  first_store: string | null;
  enrolled_at: string;
  profiling: boolean;
  marketing: boolean;
  identities: string[];
  tags: { tag: string; value: string; since: string; why: Record<string, unknown>; expires_at: string | null }[];
}

/** One row of a segment: the tag has one of the values, or none of them. */
export interface Condition {
  tag: string;
  none: boolean;
  values: string[];
}

// Words of the language of segments must be quoted when they could be taken for something else.
const quoted = (text: string): string => (/^[A-Za-z0-9_.-]+$/.test(text) && !/^(and|or|not|in)$/i.test(text) ? text : `"${text.replaceAll('"', '""')}"`);

/** The expression of docs/api/segments.md. Rows without a value count for nothing. */
export const expressionOf = (conditions: Condition[]): string =>
  conditions
    .filter(({ tag, values }) => tag && values.length)
    .map(({ tag, none, values }) => `${quoted(tag)} ${none ? "NOT IN" : "IN"} (${values.map(quoted).join(", ")})`)
    .join(" AND ");

export const valuesOf = ({ possible_values, values }: TagCounts): string[] => {
  const present = Object.keys(values).sort((one, other) => (values[other] ?? 0) - (values[one] ?? 0));
  return possible_values.length ? possible_values : present.slice(0, 50);
};

const SAVED = "dumbwaiter.segments";

export interface SavedSegment {
  name: string;
  conditions: Condition[];
}

export const savedSegments = (chain: string): SavedSegment[] => JSON.parse(localStorage.getItem(`${SAVED}.${chain}`) ?? "[]") as SavedSegment[];
export const saveSegments = (chain: string, segments: SavedSegment[]): void => localStorage.setItem(`${SAVED}.${chain}`, JSON.stringify(segments));
