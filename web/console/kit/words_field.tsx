// Several short names in one field, with commas between them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { TextField } from "./form";

const wordsOf = (text: string): string[] => [...new Set(text.split(/[,，、\s]+/).filter(Boolean))];

export function WordsField({ label, hint, value, onChange, pattern }: { label: string; hint?: string; value: string[]; onChange: (words: string[]) => void; pattern?: string }): JSX.Element {
  const [text, setText] = useState(value.join(", "));
  const type = (typed: string) => {
    setText(typed);
    onChange(wordsOf(typed));
  };
  return <TextField label={label} hint={hint} value={text} onChange={type} autocomplete="off" spellcheck={false} {...(pattern ? { pattern } : {})} />;
}
