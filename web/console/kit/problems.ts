// A sentence for each problem: what happened, and what to do.
import { Problem } from "./api";
import { duration } from "./format";
import { useTexts } from "./i18n";

const en = {
  offline: "This device is offline. The page shows earlier data and goes on by itself.",
  no_answer: "The system does not answer. The page shows earlier data and tries again.",
  unauthorized: "Your session has ended. Sign in again.",
  forbidden: "Your role does not allow this here. Ask head office.",
  not_found: "This does not exist any more, or it is not yours to see.",
  conflict: "Somebody has changed this meanwhile. Look at the new state, then decide.",
  too_many: (wait: string | null) => `Too many tries. Wait ${wait ?? "a little"}.`,
  unavailable: "The system is busy. Try again in a moment.",
  broken: (request: string | null) => `Something is wrong in the system.${request ? ` Tell support this number: ${request}` : ""}`,
  refused: (detail: string) => detail || "The system refuses this.",
  code_wrong: "This code is wrong or was used before. Enter the newest one.",
  code_needed: "Enter the code of your authenticator app, too.",
  password_wrong: "The password is wrong.",
  link_ended: "This link was used already, or it has expired. Ask for a new one.",
  sign_in_refused: "The email address or the password is wrong.",
  state_wrong: "This browser began no such sign-in, or it took more than ten minutes.",
  passkey_refused: "This passkey does not fit. Use another one, or sign in with your password.",
  passkey_address_unfit: "Passkeys do not work at this address. Open the page by its name, such as http://localhost.",
  too_many_passkeys: "You have ten passkeys. Remove one first.",
  unknown_provider: "This chain has no sign-in with a company account.",
};

const zh: typeof en = {
  offline: "设备已离线。页面显示之前的数据，恢复连接后会自动更新。",
  no_answer: "系统没有响应。页面显示之前的数据，并会自动重试。",
  unauthorized: "登录已失效，请重新登录。",
  forbidden: "您的角色不能在此执行该操作，请联系总部。",
  not_found: "该内容已不存在，或您无权查看。",
  conflict: "其他人刚刚修改过。请先查看最新状态，再决定。",
  too_many: (wait) => `尝试过于频繁，请等待${wait ?? "片刻"}。`,
  unavailable: "系统繁忙，请稍后再试。",
  broken: (request) => `系统出现故障。${request ? `请将此编号告知支持人员：${request}` : ""}`,
  refused: (detail) => (detail ? `系统拒绝了该操作。原因（英文）：${detail}` : "系统拒绝了该操作。"),
  code_wrong: "验证码错误或已使用过，请输入最新的验证码。",
  code_needed: "请同时输入身份验证器中的验证码。",
  password_wrong: "密码错误。",
  link_ended: "链接已使用或已过期，请索取新链接。",
  sign_in_refused: "邮箱或密码错误。",
  state_wrong: "此浏览器没有发起该登录，或已超过十分钟。",
  passkey_refused: "该通行密钥无效。请使用其他通行密钥，或用密码登录。",
  passkey_address_unfit: "此网址不支持通行密钥。请用域名打开页面，例如 http://localhost。",
  too_many_passkeys: "您已有十个通行密钥，请先移除一个。",
  unknown_provider: "该连锁未启用公司账号登录。",
};

const KNOWN = ["code_wrong", "code_needed", "password_wrong", "link_ended", "sign_in_refused", "state_wrong", "passkey_refused", "passkey_address_unfit", "too_many_passkeys", "unknown_provider"] as const;
const isKnown = (code: string): code is (typeof KNOWN)[number] => (KNOWN as readonly string[]).includes(code);

/** The sentence of a failure, in the language of the person. */
export function useSentence(): (failure: unknown) => string {
  const t = useTexts({ en, zh });
  return (failure) => {
    if (!(failure instanceof Problem)) return t.broken(null);
    const { status, code, detail, request, retryAfter } = failure;
    if (isKnown(code)) return t[code];
    if (status === 0) return code === "offline" ? t.offline : t.no_answer;
    if (status === 401) return t.unauthorized;
    if (status === 403) return t.forbidden;
    if (status === 404) return t.not_found;
    if (status === 429) return t.too_many(retryAfter ? duration(retryAfter) : null);
    if (status === 503) return t.unavailable;
    if (status >= 500) return t.broken(request);
    if (status === 409 || status === 412) return detail ? `${t.conflict} (${detail})` : t.conflict;
    return t.refused(detail);
  };
}
