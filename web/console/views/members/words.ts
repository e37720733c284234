import en from "./en";

type Texts = typeof en;

/** The name of a tag, and of its value: a store, a city or an item stays as it is. */
export const tagName = (t: Texts, tag: string): string => (t.names as Record<string, string>)[tag] ?? tag;
export const valueName = (t: Texts, value: string): string => (t.values as Record<string, string>)[value] ?? value;
