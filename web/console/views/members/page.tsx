// Members: one profile with each tag and why, segments by clicking, and how tags are distributed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Card, Form, Page, SelectField, Tabs, TextField, chain, go, post, useApi, useTab, useTexts, type PageProps } from "../../kit";
import { Distribution } from "./distribution";
import en from "./en";
import type { TagCounts } from "./model";
import { OneMember } from "./profile";
import { Segments } from "./segments";
import zh from "./zh";

export default function MembersPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneMember key={id} id={decodeURIComponent(id)} /> : <Members />;
}

const TABS = ["segments", "distribution", "profiles"] as const;

function Members(): JSX.Element {
  const t = useTexts({ en, zh });
  const tab = useTab([...TABS]);
  const tags = useApi<{ tags: TagCounts[] }>("/v1/tags", { chain: chain.value }, { every: 120_000 });
  return (
    <Page title={t.title} of={tags}>
      <Tabs label={t.title} tabs={TABS.map((name) => ({ id: name, label: t[name] }))} />
      {tab === "segments" && <Segments tags={tags} />}
      {tab === "distribution" && <Distribution tags={tags} />}
      {tab === "profiles" && <FindMember />}
    </Page>
  );
}

function FindMember(): JSX.Element {
  const t = useTexts({ en, zh });
  const [kind, setKind] = useState<keyof typeof t.kinds>("phone");
  const [value, setValue] = useState("");
  const find = async (key: string) => {
    const wanted = value.trim();
    if (kind === "member") return go(`/members/${encodeURIComponent(wanted)}`);
    const found = await post<{ member: string | null }>("/v1/member-lookups", { chain: chain.value, kind, value: wanted }, key);
    return found.member && go(`/members/${encodeURIComponent(found.member)}`);
  };
  return (
    <Card title={t.profiles}>
      <Form submit={t.find} onSend={find}>
        <div class="line">
          <SelectField label={t.by} value={kind} onChange={(next) => setKind(next as typeof kind)} options={Object.entries(t.kinds).map(([name, label]) => ({ value: name, label }))} />
          <TextField label={t.value} value={value} onChange={setValue} required autocomplete="off" maxLength={200} />
        </div>
        <p class="soft">{t.findHint}</p>
      </Form>
    </Card>
  );
}
