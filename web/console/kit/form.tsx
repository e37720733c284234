// Forms: a label for each field, the reason of a refusal beside the field that it names.
import type { ComponentChildren, JSX } from "preact";
import { cloneElement, type TargetedEvent, type TargetedInputEvent, type VNode } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { Button } from "./button";
import { Icon } from "./icons";
import { useSentence } from "./problems";
import { useKitTexts } from "./texts";

/** A label, its one control, and perhaps a hint or an error. */
export function Field({ label, hint, error, children, hideLabel }: { label: string; hint?: ComponentChildren; error?: ComponentChildren; children: VNode<any>; hideLabel?: boolean }): JSX.Element {
  const id = useId();
  const notes = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field ${error ? "wrong" : ""}`}>
      <label for={id} class={hideLabel ? "hidden" : ""}>{label}</label>
      {cloneElement(children, { id, "aria-describedby": notes || undefined, "aria-invalid": error ? true : undefined })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="error" id={`${id}-error`}><Icon name="warning" size={16} />{error}</p>}
    </div>
  );
}

interface InputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ComponentChildren | undefined;
  error?: ComponentChildren | undefined;
  hideLabel?: boolean;
  type?: string;
  required?: boolean;
  autocomplete?: string;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  maxLength?: number;
  pattern?: string;
  placeholder?: string;
  inputMode?: "text" | "numeric" | "decimal" | "email" | "tel" | "search" | "none" | "url";
  name?: string;
  disabled?: boolean;
  spellcheck?: boolean;
}

export function TextField({ label, value, onChange, hint, error, hideLabel, ...input }: InputProps): JSX.Element {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={Boolean(hideLabel)}>
      <input {...(input as object)} value={value} onInput={(event: TargetedInputEvent<HTMLInputElement>) => onChange(event.currentTarget.value)} />
    </Field>
  );
}

export function TextArea({ label, value, onChange, hint, error, rows = 4, required }: { label: string; value: string; onChange: (value: string) => void; hint?: ComponentChildren; error?: ComponentChildren; rows?: number; required?: boolean }): JSX.Element {
  return <Field label={label} hint={hint} error={error}><textarea rows={rows} required={required} value={value} onInput={(event) => onChange(event.currentTarget.value)} /></Field>;
}

export function SelectField({ label, value, onChange, options, hint, error, hideLabel }: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
  hint?: ComponentChildren;
  error?: ComponentChildren;
  hideLabel?: boolean;
}): JSX.Element {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={Boolean(hideLabel)}>
      <select value={value} onChange={(event: TargetedEvent<HTMLSelectElement>) => onChange(event.currentTarget.value)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </Field>
  );
}

export function CheckField({ label, checked, onChange, hint }: { label: string; checked: boolean; onChange: (checked: boolean) => void; hint?: string }): JSX.Element {
  const id = useId();
  return (
    <div class="field check">
      <input type="checkbox" id={id} checked={checked} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** A choice of a few, side by side. */
export function Choice<V extends string>({ label, value, onChange, options, hideLabel }: { label: string; value: V; onChange: (value: V) => void; options: { value: V; label: string }[]; hideLabel?: boolean }): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class={hideLabel ? "hidden" : ""}>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A search field that tells after a pause of typing. */
export function Search({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }): JSX.Element {
  const timer = useRef(0);
  return (
    <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <Icon name="search" size={18} />
      <input type="search" aria-label={label} placeholder={label} defaultValue={value} autocomplete="off" spellcheck={false}
        onInput={(event) => {
          const text = event.currentTarget.value.trim();
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(text), 250);
        }} />
    </form>
  );
}

/**
 * A form that sends once. `onSend` makes the change with `key`; what it raises is said above the button.
 * `useFaults(problem)` gives the text of a fault by its field's path.
 */
export function Form({ onSend, submit, children, actions, after, disabled, danger }: {
  onSend: (key: string) => Promise<unknown>;
  submit: string;
  children: ComponentChildren;
  actions?: ComponentChildren;
  after?: () => void;
  disabled?: boolean;
  danger?: boolean;
}): JSX.Element {
  const sentence = useSentence();
  const t = useKitTexts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const key = useRef<string | null>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    key.current ??= crypto.randomUUID();
    try {
      await onSend(key.current);
      key.current = null;
      after?.();
    } catch (failure) {
      if (!(failure instanceof Problem) || (failure.status > 0 && failure.status < 500)) key.current = null;
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void send(event)}>
      {children}
      <div role="alert">{problem !== null && <div class="failure"><Icon name="warning" /><div><p>{sentence(problem)}</p><Faults problem={problem} /></div></div>}</div>
      <div class="form-actions">{actions}<Button kind={danger ? "danger" : "main"} submit busy={busy} disabled={Boolean(disabled)}>{busy ? t.working : submit}</Button></div>
    </form>
  );
}

function Faults({ problem }: { problem: unknown }): JSX.Element | null {
  if (!(problem instanceof Problem) || !problem.faults.length) return null;
  return <ul class="faults">{problem.faults.map(({ path, detail }) => <li key={path + detail}><code>{path}</code> {detail}</li>)}</ul>;
}
