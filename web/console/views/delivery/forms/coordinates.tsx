// A place as one text, as maps copy it: latitude and longitude in degrees, so that there is never one without the other.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { TextField, useTexts } from "../../../kit";
import type { Place } from "../model";
import en from "./en";
import zh from "./zh";

const NUMBER = String.raw`-?\d{1,3}(?:\.\d+)?`;
const PAIR = new RegExp(`^(${NUMBER})\\s*[,，\\s]\\s*(${NUMBER})$`);

/** The place that a text names; null for an empty text, undefined for one that names none. */
export function placeIn(text: string): Place | null | undefined {
  if (!text.trim()) return null;
  const [, lat, lon] = PAIR.exec(text.trim()) ?? [];
  if (lat === undefined || lon === undefined || Math.abs(Number(lat)) > 90 || Math.abs(Number(lon)) > 180) return undefined;
  return { lat: Number(lat), lon: Number(lon) };
}

/** `onChange` gets undefined while the text names no place. */
export function CoordinatesField({ label, value, onChange, required }: { label: string; value: Place | null; onChange: (place: Place | null | undefined) => void; required?: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const [text, setText] = useState(value ? `${value.lat}, ${value.lon}` : "");
  const isBad = placeIn(text) === undefined;
  const type = (typed: string) => {
    setText(typed);
    onChange(placeIn(typed));
  };
  return <TextField label={`${label}: ${t.coordinates}`} value={text} onChange={type} required={Boolean(required)} hint={t.coordinatesHint} error={isBad ? t.coordinatesBad : undefined} autocomplete="off" spellcheck={false} />;
}
