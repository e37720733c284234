// Rows of a form that can be added and removed: sizes, options, choices.
import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button";
import { CheckField } from "./form";
import { useKitTexts } from "./texts";

/** The rows with the one at `at` replaced, or taken out for null. */
export const replaced = <T,>(rows: T[], at: number, row: T | null): T[] => rows.flatMap((other, place) => (place !== at ? [other] : row === null ? [] : [row]));

export function Lines<T>({ rows, onChange, fresh, add, children }: {
  rows: T[];
  onChange: (rows: T[]) => void;
  fresh: () => T;
  add: string;
  children: (row: T, change: (row: T) => void, at: number) => ComponentChildren;
}): JSX.Element {
  const t = useKitTexts();
  return (
    <div class="lines">
      {rows.map((row, at) => (
        <div class="line" key={at}>
          {children(row, (next) => onChange(replaced(rows, at, next)), at)}
          <Button small kind="quiet" icon="close" onPress={() => onChange(replaced(rows, at, null))}>{t.remove}</Button>
        </div>
      ))}
      <div><Button small icon="plus" onPress={() => onChange([...rows, fresh()])}>{add}</Button></div>
    </div>
  );
}

/** Several of a few; none chosen means all. */
export function Checks<V extends string>({ label, all, chosen, onChange }: { label: string; all: Record<V, string>; chosen: string[]; onChange: (chosen: string[]) => void }): JSX.Element {
  return (
    <fieldset class="checks">
      <legend>{label}</legend>
      {(Object.entries(all) as [V, string][]).map(([value, text]) => (
        <CheckField key={value} label={text} checked={chosen.includes(value)}
          onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value))} />
      ))}
    </fieldset>
  );
}
