// An amount of money, typed as people write it and kept in minor units.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { TextField } from "./form";
import { decimal, minorUnits } from "./format";
import { useKitTexts } from "./texts";

/** `value` in minor units, null where the field is empty. A text that is no amount is shown as wrong and not passed on. */
export function MoneyField({ label, value, currency, onChange, hint, hideLabel, required }: {
  label: string;
  value: number | null;
  currency: string;
  onChange: (amount: number | null) => void;
  hint?: string;
  hideLabel?: boolean;
  required?: boolean;
}): JSX.Element {
  const t = useKitTexts();
  const [typed, setTyped] = useState<string | null>(null);
  const given = typed !== null && (typed.trim() === "" ? null : minorUnits(typed, currency)) === value;
  const wrong = typed !== null && typed.trim() !== "" && minorUnits(typed, currency) === null;
  const text = typed !== null && (given || wrong) ? typed : value === null ? "" : decimal(value, currency);
  const change = (input: string) => {
    setTyped(input);
    const amount = input.trim() === "" ? null : minorUnits(input, currency);
    if (amount !== null || input.trim() === "") onChange(amount);
  };
  return (
    <TextField label={`${label} (${currency})`} value={text} onChange={change} hint={hint} error={wrong ? t.noAmount(currency) : undefined}
      hideLabel={Boolean(hideLabel)} inputMode="decimal" autocomplete="off" required={Boolean(required)} />
  );
}
