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

/** A segment that the chain keeps. */
export interface SavedSegment {
  id: string;
  name: string;
  where: string;
  owner: string;
  owner_name: string | null;
  may_change: boolean;
}

const ROW = /^("(?:[^"]|"")*"|[A-Za-z0-9_.-]+) (NOT IN|IN) \(((?:"(?:[^"]|"")*"|[^")])*)\)(?: AND |$)/;
const VALUE = /"((?:[^"]|"")*)"|([A-Za-z0-9_.-]+)/g;
const plain = (word: string): string => (word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word);

/** The rows of an expression that `expressionOf` could have written; null for another one. */
export function conditionsOf(expression: string): Condition[] | null {
  const conditions: Condition[] = [];
  for (let rest = expression; rest; ) {
    const found = ROW.exec(rest);
    if (!found) return null;
    const values = [...(found[3] ?? "").matchAll(VALUE)].map(([, inQuotes, word]) => (inQuotes === undefined ? (word ?? "") : inQuotes.replaceAll('""', '"')));
    conditions.push({ tag: plain(found[1] ?? ""), none: found[2] === "NOT IN", values });
    rest = rest.slice(found[0].length);
  }
  return expressionOf(conditions) === expression ? conditions : null;
}
