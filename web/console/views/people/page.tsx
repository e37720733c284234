// People: who may sign in, with which roles; invitations by link.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Dialog, Empty, Form, Page, PagedTable, Row, Search, SelectField, TextField, chain, post, usePages, useStoreNames, useTexts, type PageProps } from "../../kit";
import en from "./en";
import { LinkDialog, type OneTimeLink } from "./link_dialog";
import { Roles, roleText, type Person, type Role } from "./roles";
import { OnePerson } from "./person";
import { AccountState } from "./account_state";
import zh from "./zh";

export default function PeoplePage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OnePerson key={id} id={id} /> : <People />;
}

function People(): JSX.Element {
  const t = useTexts({ en, zh });
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const [wanted, setWanted] = useState("");
  const people = usePages<Person>("/v1/people", { chain: chain.value, q: wanted.trim(), limit: 50 }, "people", { every: 60_000 });
  const names = useStoreNames((people.data ?? []).flatMap(({ roles }) => roles.filter(({ level }) => level === "store").map(({ scope }) => scope)));
  const invited = (made: OneTimeLink) => {
    setInviting(false);
    setLink(made);
    people.reload();
  };
  return (
    <Page title={t.title} of={people} actions={<Button kind="main" icon="plus" onPress={() => setInviting(true)}>{t.invite}</Button>}>
      <Row><Search label={t.find} value="" onChange={setWanted} /></Row>
      <Card flush>
        <PagedTable of={people} label={t.title} rowKey={({ id }) => id} to={({ id }) => `/people/${id}`}
          empty={wanted ? <Empty icon="search" title={t.notFound} hint={t.notFoundHint} /> : <Empty icon="people" title={t.none} hint={t.noneHint} />}
          columns={[
            { key: "name", head: t.name, cell: ({ name }) => name },
            { key: "email", head: t.email, cell: ({ email }) => email },
            { key: "roles", head: t.roles, cell: ({ roles }) => roles.map((role) => roleText(role, t, names)).join(", ") || "–" },
            { key: "state", head: t.state, narrow: "bare", cell: (person) => <AccountState person={person} /> },
          ]} />
      </Card>
      <Dialog open={inviting} title={t.invite} onClose={() => setInviting(false)} wide><InviteForm after={invited} /></Dialog>
      <LinkDialog link={link} close={() => setLink(null)} />
    </Page>
  );
}

function InviteForm({ after }: { after: (link: OneTimeLink) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [language, setLanguage] = useState("");
  const [roles, setRoles] = useState<Role[]>([{ role: "store_manager", level: "store", scope: "" }]);
  const invite = async (key: string) => {
    const person = await post<{ link: OneTimeLink }>("/v1/people", { chain: chain.value, name, email, language: language || null, roles }, key);
    after(person.link);
  };
  return (
    <Form submit={t.send} onSend={invite} disabled={!roles.every(({ scope }) => scope)}>
      <TextField label={t.name} value={name} onChange={setName} required maxLength={200} autocomplete="off" />
      <TextField label={t.email} type="email" value={email} onChange={setEmail} required maxLength={254} autocomplete="off" />
      <SelectField label={t.language} value={language} onChange={setLanguage} options={Object.entries(t.languages).map(([value, label]) => ({ value, label }))} />
      <Roles roles={roles} onChange={setRoles} />
    </Form>
  );
}
