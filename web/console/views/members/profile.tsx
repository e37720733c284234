// One member: who it is as far as the role may see, and each tag with the facts behind it.
import type { JSX } from "preact";
import { Card, Empty, Facts, Load, Page, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import type { Profile } from "./model";
import { tagName, valueName } from "./words";
import zh from "./zh";

export function OneMember({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const profile = useApi<Profile>(`/v1/members/${encodeURIComponent(id)}`, { chain: chain.value }, { every: 0 });
  const { data } = profile;
  return (
    <Page title={data ? t.member(data.member ?? t.unknownName) : t.title} of={profile} back={{ to: "/members", label: t.back }}>
      <Load of={profile} lines={8}>{(member) => <><About member={member} /><Tags member={member} /></>}</Load>
    </Page>
  );
}

function About({ member }: { member: Profile }): JSX.Element {
  const t = useTexts({ en, zh });
  const consent = (given: boolean) => <State tone={given ? "good" : "still"}>{given ? t.yes : t.no}</State>;
  return (
    <Card title={t.about}>
      <Facts rows={[
        [t.enrolled, format.moment(member.enrolled_at)], [t.firstStore, member.first_store ?? "–"], [t.identities, member.identities.map((kind) => (t.kinds as Record<string, string>)[kind] ?? kind).join(", ") || "–"],
        [t.marketing, consent(member.marketing)], [t.profiling, consent(member.profiling)],
      ]} />
    </Card>
  );
}

/** One reason of a tag in words; "" for one that another one has in it. */
function reasonText(t: typeof en, name: string, value: unknown, currency: unknown): string {
  if (name === "currency" && typeof currency === "string") return "";
  const word = (t.reasons as Record<string, string>)[name] ?? valueName(t, name);
  const text = typeof value !== "number" ? (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? format.day(String(value)) : String(value))
    : ["amount", "expected"].includes(name) && typeof currency === "string" ? format.money(value, currency)
    : name === "alive" ? format.percent(value) : format.number(value, 2);
  return `${word}: ${text}`;
}

function Tags({ member }: { member: Profile }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.tags} flush>
      {member.tags.length === 0 && <Empty icon="segments" title={t.noTags} hint={t.noTagsHint} />}
      {member.tags.length > 0 && (
        <Table label={t.tags} rows={member.tags} rowKey={({ tag }) => tag} columns={[
          { key: "tag", head: t.tag, cell: ({ tag }) => tagName(t, tag) },
          { key: "value", head: t.tagValue, narrow: "bare", cell: ({ value }) => <strong>{valueName(t, value)}</strong> },
          { key: "why", head: t.why, cell: ({ why }) => <span class="soft">{Object.entries(why).map(([name, value]) => reasonText(t, name, value, why["currency"])).filter(Boolean).join(" · ")}</span> },
          { key: "since", head: t.since, cell: ({ since }) => format.moment(since) },
          { key: "until", head: t.until, cell: ({ expires_at }) => (expires_at ? format.moment(expires_at) : "–") },
        ]} />
      )}
    </Card>
  );
}
