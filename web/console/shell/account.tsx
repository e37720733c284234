// Pages of links that a person was sent: an invitation, or a new password. The token is in the fragment, which no server sees.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { post } from "../kit/api";
import { Form } from "../kit/form";
import { useTexts } from "../kit/i18n";
import { go, place } from "../kit/place";
import { enter, type SessionDocument } from "../kit/session";
import { Brand } from "./brand";
import { LanguageSwitch } from "./preferences";
import { Password } from "./sign_in";
import { useShellTexts } from "./texts";

const PATHS = ["/invitation", "/password"];
export const isAccountPath = (path: string): boolean => PATHS.includes(path);

const en = {
  invitation: "Welcome. Choose your password",
  password: "Choose a new password",
  hint: "At least 12 characters. Several words make a good password.",
  save: "Save and sign in",
  noToken: "This link is not complete. Open it again from your message.",
  fresh: "New password",
};

const zh: typeof en = {
  invitation: "欢迎，请设置密码",
  password: "设置新密码",
  hint: "至少 12 个字符，可以由几个词组成。",
  save: "保存并登录",
  noToken: "链接不完整，请从消息中重新打开。",
  fresh: "新密码",
};

export function Account(): JSX.Element {
  const t = useTexts({ en, zh });
  const shell = useShellTexts();
  const isInvitation = place.value.path === "/invitation";
  const token = useMemo(() => location.hash.slice(1), []);
  const [password, setPassword] = useState("");
  // The address bar and the history keep no token.
  useEffect(() => history.replaceState(null, "", location.pathname), []);
  const save = async (key: string) => {
    enter(await post<SessionDocument>(isInvitation ? "/v1/invitations/accept" : "/v1/passwords", { token, password }, key));
    go("/", { replace: true });
  };
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand"><Brand size={40} /><span>Dumbwaiter</span></p>
        <h1>{isInvitation ? t.invitation : t.password}</h1>
        {token ? (
          <Form onSend={save} submit={t.save}>
            <Password label={t.fresh} show={shell.show} hint={t.hint} autocomplete="new-password" value={password} onChange={setPassword} />
          </Form>
        ) : <p class="failure">{t.noToken}</p>}
      </div>
      <LanguageSwitch />
    </main>
  );
}
