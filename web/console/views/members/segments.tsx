// A segment built by clicking, counted as it is built; kept by name for the chain; exported.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Action, Button, Card, Checks, Choice, Empty, Figure, Form, Grid, Lines, Load, Row, SelectField, Table, TextField, chain, format, may, notify, post, send, session, useApi, useTexts, type Loaded } from "../../kit";
import en from "./en";
import { ExportButton } from "./export";
import { conditionsOf, expressionOf, valuesOf, type Condition, type SavedSegment, type TagCounts } from "./model";
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
  const [written, setWritten] = useState(""); // an expression that is no list of rows
  const where = useLater(written || expressionOf(conditions));
  const open = (expression: string) => {
    const rows = conditionsOf(expression);
    setWritten(rows ? "" : expression);
    if (rows) setConditions(rows);
  };
  const all = Math.max(0, ...(tags.data?.tags ?? []).map(({ members }) => members));
  return (
    <>
      <Grid columns={2}>
        <Card title={t.build}>
          <p class="soft">{written ? t.writtenHint : t.buildHint}</p>
          {written
            ? <Row between><code class="members-expression">{written}</code><Button small onPress={() => setWritten("")}>{t.buildAgain}</Button></Row>
            : <Load of={tags}>{(page) => <Conditions conditions={conditions} onChange={setConditions} tags={page.tags} />}</Load>}
        </Card>
        {where && <Matching where={where} all={all} />}
      </Grid>
      <Saved where={where} open={open} />
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

function Saved({ where, open }: { where: string; open: (where: string) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [name, setName] = useState("");
  const saved = useApi<{ segments: SavedSegment[] }>("/v1/segments/saved", { chain: chain.value }, { every: 60_000 });
  const same = saved.data?.segments.find((segment) => segment.name === name.trim() && segment.may_change);
  const save = async (key: string) => {
    await (same ? send("PATCH", `/v1/segments/saved/${same.id}`, { where }, key) : post("/v1/segments/saved", { chain: chain.value, name: name.trim(), where }, key));
    notify(t.savedDone);
  };
  const after = () => {
    setName("");
    saved.reload();
  };
  const ownerOf = ({ owner, owner_name: owned }: SavedSegment) => (owner === `p-${session.value?.person}` ? t.you : (owned ?? "–"));
  return (
    <Card title={t.saved}>
      <Load of={saved} isEmpty={({ segments }) => segments.length === 0} empty={<Empty icon="segments" title={t.noSaved} hint={t.noSavedHint} />}>
        {({ segments }) => (
          <Table label={t.saved} rows={segments} rowKey={({ id }) => id} columns={[
            { key: "name", head: t.name, cell: (segment) => segment.name },
            { key: "owner", head: t.owner, cell: ownerOf },
            { key: "expression", head: t.expression, narrow: "hide", cell: (segment) => <code class="members-expression">{segment.where}</code> },
            { key: "do", head: t.open, end: true, narrow: "bare", cell: (segment) => (
              <>
                <Button small onPress={() => open(segment.where)} label={`${t.open}: ${segment.name}`}>{t.open}</Button>
                {segment.may_change && <Action small kind="quiet" label={`${t.forget}: ${segment.name}`} act={(key) => send("DELETE", `/v1/segments/saved/${segment.id}`, undefined, key)}
                  confirm={{ title: `${t.forget}: ${segment.name}`, text: t.forgetText, button: t.forget }} after={saved.reload}>{t.forget}</Action>}
              </>
            ) },
          ]} />
        )}
      </Load>
      {where && (
        <Form submit={same ? t.saveOver : t.save} onSend={save} after={after}>
          <TextField label={t.name} name="segment" value={name} onChange={setName} required maxLength={100} />
        </Form>
      )}
    </Card>
  );
}
