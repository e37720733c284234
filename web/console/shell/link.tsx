// The page of a one-time link: an invitation, or a new password. The token is in the fragment, which no server sees.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Problem, post } from "../kit/api";
import { Failure, Loading } from "../kit/feedback";
import { Form, TextField } from "../kit/form";
import { useTexts } from "../kit/i18n";
import { go, place } from "../kit/place";
import { enter, type SessionDocument } from "../kit/session";
import { Brand } from "./brand";
import { LanguageSwitch } from "./preferences";
import { Password } from "./sign_in";
import { useShellTexts } from "./texts";

export const isLink = (): boolean => place.value.path === "/link";

const en = {
  invitation: (name: string) => `Welcome, ${name}`,
  password: "Choose a new password",
  account: (email: string, chain: string) => `Your account is ${email} in the chain ${chain}.`,
  hint: "At least 12 characters. Several words make a good password.",
  save: "Save and sign in",
  noToken: "This link is not complete. Open it again from your message.",
  fresh: "New password",
};

const zh: typeof en = {
  invitation: (name) => `欢迎，${name}`,
  password: "设置新密码",
  account: (email, chain) => `您的账号是 ${email}，所属连锁：${chain}。`,
  hint: "至少 12 个字符，可以由几个词组成。",
  save: "保存并登录",
  noToken: "链接不完整，请从消息中重新打开。",
  fresh: "新密码",
};

interface LinkDocument {
  name: string;
  email: string;
  chain: string;
  is_new: boolean;
}

export function LinkPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const token = useMemo(() => location.hash.slice(1), []);
  const [link, setLink] = useState<LinkDocument | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    // The address bar and the history keep no token.
    history.replaceState(null, "", location.pathname);
    if (token) post<LinkDocument>("/v1/links/open", { token }).then(setLink, setProblem);
  }, []);
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand"><Brand size={40} /><span>Dumbwaiter</span></p>
        <h1>{link?.is_new ? t.invitation(link.name) : t.password}</h1>
        {link && <p class="soft">{t.account(link.email, link.chain)}</p>}
        {!token && <p class="failure" role="alert">{t.noToken}</p>}
        <Failure problem={problem} />
        {link ? <Choose token={token} /> : token && !problem && <Loading lines={3} />}
      </div>
      <LanguageSwitch />
    </main>
  );
}

function Choose({ token }: { token: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const shell = useShellTexts();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const save = async (key: string) => {
    try {
      enter(await post<SessionDocument>("/v1/links/use", { token, password, ...(code ? { code: code.replaceAll(/\s/g, "") } : {}) }, key));
    } catch (failure) {
      if (failure instanceof Problem && failure.code === "code_needed") setCode("");
      throw failure;
    }
    go("/", { replace: true });
  };
  return (
    <Form onSend={save} submit={t.save}>
      <Password label={t.fresh} show={shell.show} hint={t.hint} autocomplete="new-password" value={password} onChange={setPassword} />
      {code !== null && <TextField label={shell.code} hint={shell.codeHint} inputMode="numeric" autocomplete="one-time-code" required value={code} onChange={setCode} />}
    </Form>
  );
}
