// One person: roles, and what a manager can do for the account.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Card, Facts, Form, Load, Page, Row, format, notify, post, send, session, useApi, useTexts } from "../../kit";
import en from "./en";
import { LinkDialog, type OneTimeLink } from "./link_dialog";
import { AccountState } from "./account_state";
import { Roles, type Person } from "./roles";
import zh from "./zh";

export function OnePerson({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const person = useApi<Person>(`/v1/people/${encodeURIComponent(id)}`, {}, { every: 0 });
  return (
    <Page title={person.data?.name ?? t.title} of={person} back={{ to: "/people", label: t.back }}>
      <Load of={person}>{(data) => <Account key={JSON.stringify(data)} person={data} reload={person.reload} />}</Load>
    </Page>
  );
}

function Account({ person, reload }: { person: Person; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [roles, setRoles] = useState(person.roles);
  const isSelf = session.value?.person === person.id;
  const save = async (key: string) => {
    await send("PATCH", `/v1/people/${person.id}`, { roles }, key);
    notify(t.saved);
  };
  return (
    <>
      <Card title={t.account}>
        <Facts rows={[[t.email, person.email], [t.since, format.moment(person.created_at)], [t.state, <AccountState person={person} />]]} />
        {!isSelf && <Actions person={person} reload={reload} />}
      </Card>
      <Card title={t.roles}>
        {isSelf ? <p>{t.self}</p> : <Form submit={t.save} onSend={save} after={reload} disabled={!roles.every(({ scope }) => scope)}><Roles roles={roles} onChange={setRoles} /></Form>}
      </Card>
    </>
  );
}

function Actions({ person, reload }: { person: Person; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const path = `/v1/people/${person.id}`;
  const lock = (disabled: boolean) => (key: string) => send("PATCH", path, { disabled }, key);
  return (
    <Row>
      {!person.disabled && <Action act={async (key) => setLink(await post(`${path}/links`, undefined, key))} done={t.linkTitle}>{t.newLink}</Action>}
      <Action act={(key) => send("DELETE", `${path}/sessions`, undefined, key)} confirm={{ title: t.endTitle(person.name), text: t.endText }}>{t.endSessions}</Action>
      <Action act={(key) => send("DELETE", `${path}/totp`, undefined, key)} confirm={{ title: t.totpTitle(person.name), text: t.totpText }}>{t.removeTotp}</Action>
      <Action act={(key) => send("DELETE", `${path}/passkeys`, undefined, key)} confirm={{ title: t.passkeysTitle(person.name), text: t.passkeysText }}>{t.removePasskeys}</Action>
      {person.disabled
        ? <Action act={lock(false)} after={reload}>{t.unlock}</Action>
        : <Action kind="danger" act={lock(true)} after={reload} confirm={{ title: t.lockTitle(person.name), text: t.lockText }}>{t.lock}</Action>}
      <LinkDialog link={link} close={() => setLink(null)} />
    </Row>
  );
}
