// A person of the chain, found by a part of the name or of the email address.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { Field, chain, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface Person {
  id: string;
  name: string;
  email: string;
}

const labelOf = ({ name, email }: Person): string => `${name} · ${email}`;

/** `onChange` gets the person's id, and "" for nobody in particular. */
export function PersonField({ label, all, onChange }: { label: string; all: string; onChange: (person: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  const wanted = (text.split(" · ").at(-1) ?? "").trim();
  const found = useApi<{ people: Person[] }>(wanted ? "/v1/people" : null, { chain: chain.value, q: wanted, limit: 20 }, { every: 0 });
  const people = found.data?.people ?? [];
  const take = (person: Person | undefined) => {
    if ((person?.id ?? "") === chosen) return;
    setChosen(person?.id ?? "");
    onChange(person?.id ?? "");
  };
  const type = (typed: string) => {
    setText(typed);
    take(people.find((person) => labelOf(person) === typed));
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !people[0]) return;
    setText(labelOf(people[0]));
    take(people[0]);
  };
  return (
    <>
      <Field label={label} hideLabel>
        <input type="search" list={list} placeholder={`${all} (${t.typeName})`} autocomplete="off" maxLength={100} value={text}
          onInput={(event: { currentTarget: HTMLInputElement }) => type(event.currentTarget.value)} onKeyDown={enter} />
      </Field>
      <datalist id={list}>{people.map((person) => <option key={person.id} value={labelOf(person)} />)}</datalist>
    </>
  );
}
