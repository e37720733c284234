// The person's own page: who they are, language and look, sign out.
import type { JSX } from "preact";
import { Action, Card, Choice, Facts, Grid, Page, session, useTexts } from "../../kit";
import { signOut } from "../../kit/session";
import { chooseTheme, themeChoice } from "../../kit/theme";
import { LanguageSwitch } from "../../shell/preferences";
import en from "./en";
import zh from "./zh";

export default function ProfilePage(): JSX.Element {
  const t = useTexts({ en, zh });
  const me = session.value;
  if (!me) return <></>;
  const roles = me.roles.map(({ role, scope }) => t.role(t.roleNames[role] ?? role, scope)).join(", ");
  return (
    <Page title={t.title} actions={<Action icon="leave" act={signOut}>{t.signOut}</Action>}>
      <Grid columns={2}>
        <Card title={t.about}>
          <Facts rows={[[t.name, me.name], [t.email, me.email], [t.roles, roles || "–"]]} />
        </Card>
        <Card title={t.look}>
          <LanguageSwitch />
          <Choice label={t.theme} value={themeChoice.value} onChange={chooseTheme}
            options={[{ value: "device", label: t.themes.device }, { value: "light", label: t.themes.light }, { value: "dark", label: t.themes.dark }]} />
        </Card>
      </Grid>
    </Page>
  );
}
