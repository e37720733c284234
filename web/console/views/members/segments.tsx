// A segment built by clicking, counted as it is built; kept by name; exported.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Card, Checks, Choice, Empty, Figure, Form, Grid, Lines, Load, SelectField, Table, TextField, chain, format, may, useApi, useTexts, type Loaded } from "../../kit";
import en from "./en";
import { ExportButton } from "./export";
import { expressionOf, saveSegments, savedSegments, valuesOf, type Condition, type TagCounts } from "./model";
import { tagName, valueName } from "./words";
import zh from "./zh";

const PAUSE = 300; // milliseconds after the last click, before it is counted

function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}

export function Segments({ tags }: { tags: Loaded<{ tags: TagCounts[] }> }): JSX.Element {
  const t = useTexts({ en, zh });
  const [conditions, setConditions] = useState<Condition[]>([{ tag: "lifecycle", none: false, values: [] }]);
  const where = useLater(expressionOf(conditions));
  const all = Math.max(0, ...(tags.data?.tags ?? []).map(({ members }) => members));
  return (
    <>
      <Grid columns={2}>
        <Card title={t.build}>
          <p class="soft">{t.buildHint}</p>
          <Load of={tags}>{(page) => <Conditions conditions={conditions} onChange={setConditions} tags={page.tags} />}</Load>
        </Card>
        {where && <Matching where={where} all={all} />}
      </Grid>
      <Saved conditions={conditions} open={setConditions} />
    </>
  );
}

function Conditions({ conditions, onChange, tags }: { conditions: Condition[]; onChange: (conditions: Condition[]) => void; tags: TagCounts[] }): JSX.Element {
  const t = useTexts({ en, zh });
  const options = tags.map(({ tag }) => ({ value: tag, label: tagName(t, tag) }));
  return (
    <Lines rows={conditions} onChange={onChange} fresh={(): Condition => ({ tag: tags[0]?.tag ?? "", none: false, values: [] })} add={t.addRow}>
      {(condition, change) => {
        const tag = tags.find((candidate) => candidate.tag === condition.tag);
        return (
          <fieldset class="part">
            <legend>{tagName(t, condition.tag)}</legend>
            <SelectField label={t.tag} value={condition.tag} onChange={(name) => change({ ...condition, tag: name, values: [] })} options={options} />
            <Choice label={t.condition} hideLabel value={condition.none ? "none" : "one"} onChange={(way) => change({ ...condition, none: way === "none" })} options={[{ value: "one", label: t.isOneOf }, { value: "none", label: t.isNone }]} />
            {tag && <Checks label={t.tagValue} chosen={condition.values} onChange={(values) => change({ ...condition, values })}
              all={Object.fromEntries(valuesOf(tag).map((value) => [value, `${valueName(t, value)} (${format.number(tag.values[value] ?? 0)})`]))} />}
          </fieldset>
        );
      }}
    </Lines>
  );
}

function Matching({ where, all }: { where: string; all: number }): JSX.Element {
  const t = useTexts({ en, zh });
  const counted = useApi<{ members: number }>("/v1/segments/count", { chain: chain.value, where }, { every: 0 });
  return (
    <Card title={t.matching}>
      <Load of={counted}>
        {({ members }) => (
          <>
            <Figure label={t.matching} value={format.number(members)} note={all > 0 ? t.ofAll(format.percent(members / all, { digits: 1 })) : undefined} />
            {may("members:export") && members > 0 && <ExportButton where={where} members={members} />}
          </>
        )}
      </Load>
      <Sample where={where} />
      <details><summary>{t.expression}</summary><code class="members-expression">{where}</code></details>
    </Card>
  );
}

interface SampleMember {
  member: string | null;
  tags: Record<string, string>;
}

function Sample({ where }: { where: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const sample = useApi<{ members: SampleMember[] }>("/v1/segments/sample", { chain: chain.value, where, limit: 5 }, { every: 0 });
  return (
    <Load of={sample} isEmpty={({ members }) => members.length === 0} empty={<Empty icon="segments" title={t.noMatch} hint={t.noMatchHint} />}>
      {({ members }) => (
        <Table label={t.sample} rows={members} rowKey={({ member }) => member ?? ""} to={({ member }) => `/members/${encodeURIComponent(member ?? "")}`} columns={[
          { key: "member", head: t.sample, cell: ({ member }) => member ?? "–" },
          { key: "tags", head: t.tags, cell: ({ tags }) => <span class="soft">{["tier", "lifecycle", "home_store"].flatMap((name) => (tags[name] ? [valueName(t, tags[name])] : [])).join(" · ")}</span> },
        ]} />
      )}
    </Load>
  );
}

function Saved({ conditions, open }: { conditions: Condition[]; open: (conditions: Condition[]) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [name, setName] = useState("");
  const [saved, setSaved] = useState(() => savedSegments(chain.value));
  const keep = (segments: typeof saved) => {
    saveSegments(chain.value, segments);
    setSaved(segments);
  };
  const save = async () => {
    keep([...saved.filter((segment) => segment.name !== name), { name, conditions }]);
    setName("");
  };
  return (
    <Card title={t.saved}>
      {saved.length === 0 && <Empty icon="segments" title={t.noSaved} hint={t.noSavedHint} />}
      {saved.length > 0 && (
        <Table label={t.saved} rows={saved} rowKey={(segment) => segment.name} columns={[
          { key: "name", head: t.name, cell: (segment) => segment.name },
          { key: "expression", head: t.expression, cell: (segment) => <code class="members-expression">{expressionOf(segment.conditions)}</code> },
          { key: "do", head: t.open, end: true, narrow: "bare", cell: (segment) => <><Button small onPress={() => open(segment.conditions)} label={`${t.open}: ${segment.name}`}>{t.open}</Button><Button small kind="quiet" onPress={() => keep(saved.filter((other) => other !== segment))} label={`${t.forget}: ${segment.name}`}>{t.forget}</Button></> },
        ]} />
      )}
      {expressionOf(conditions) && <Form submit={t.save} onSend={save}><TextField label={t.name} value={name} onChange={setName} required maxLength={80} /></Form>}
    </Card>
  );
}
