// The person's own page: name, language and look, password, authenticator, sessions.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Choice, Dialog, Facts, Form, Grid, Page, TextField, notify, post, send, session, useTexts } from "../../kit";
import { enter, signOut, type SessionDocument } from "../../kit/session";
import { chooseTheme, themeChoice } from "../../kit/theme";
import { LanguageSwitch } from "../../shell/preferences";
import { Password } from "../../shell/sign_in";
import { Authenticator } from "./authenticator";
import en from "./en";
import { Passkeys } from "./passkeys";
import { Sessions } from "./sessions";
import zh from "./zh";

export default function ProfilePage(): JSX.Element {
  const t = useTexts({ en, zh });
  const me = session.value;
  if (!me) return <></>;
  const roles = me.roles.map(({ role, scope }) => t.role(t.roleNames[role] ?? role, scope)).join(", ");
  return (
    <Page title={t.title} actions={<Action icon="leave" act={signOut}>{t.signOut}</Action>}>
      <Grid columns={2}>
        <Grid columns={1}>
          <Card title={t.about} actions={<ChangeName name={me.name} />}>
            <Facts rows={[[t.name, me.name], [t.email, me.email], [t.roles, roles || "–"]]} />
          </Card>
          <Card title={t.look}>
            <LanguageSwitch onChoose={(language) => void change({ language }).catch(() => undefined)} />
            <Choice label={t.theme} value={themeChoice.value} onChange={chooseTheme}
              options={[{ value: "device", label: t.themes.device }, { value: "light", label: t.themes.light }, { value: "dark", label: t.themes.dark }]} />
          </Card>
        </Grid>
        <Card title={t.security}>
          <ChangePassword />
          <Passkeys />
          <Authenticator />
        </Card>
      </Grid>
      <Sessions />
    </Page>
  );
}

// The reply has the csrf of the session, too.
const change = async (changes: { name?: string; language?: string }, key?: string): Promise<void> => enter(await send<SessionDocument>("PATCH", "/v1/session", changes, key));

function ChangeName({ name }: { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const [fresh, setFresh] = useState(name);
  return (
    <>
      <Button kind="quiet" icon="edit" onPress={() => setOpen(true)}>{t.changeName}</Button>
      <Dialog open={open} title={t.changeName} onClose={() => setOpen(false)}>
        <Form onSend={(key) => change({ name: fresh.trim() }, key)} submit={t.changeName} after={() => setOpen(false)}>
          <TextField label={t.name} value={fresh} onChange={setFresh} required maxLength={80} autocomplete="name" />
        </Form>
      </Dialog>
    </>
  );
}

function ChangePassword(): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const [present, setPresent] = useState("");
  const [fresh, setFresh] = useState("");
  const [code, setCode] = useState("");
  const save = async (key: string) => {
    const { ended } = await post<{ ended: number }>("/v1/session/password", { password: present, new_password: fresh, ...(code ? { code } : {}) }, key);
    notify(t.passwordChanged(ended));
  };
  const close = () => {
    setOpen(false);
    setPresent("");
    setFresh("");
    setCode("");
  };
  return (
    <div class="profile-line">
      <h3>{t.password}</h3>
      <Button onPress={() => setOpen(true)}>{t.changePassword}</Button>
      <Dialog open={open} title={t.changePassword} onClose={close}>
        <Form onSend={save} submit={t.changePassword} after={close}>
          <TextField label={t.present} type="password" autocomplete="current-password" required value={present} onChange={setPresent} />
          <Password label={t.fresh} show={t.show} hint={t.freshHint} autocomplete="new-password" value={fresh} onChange={setFresh} />
          <TextField label={t.code} inputMode="numeric" autocomplete="one-time-code" value={code} onChange={setCode} />
        </Form>
      </Dialog>
    </div>
  );
}
