// Words of the sign-in page.
import { useTexts } from "../kit/i18n";

const en = {
  title: "Sign in",
  lead: "See your stores, orders and kitchens.",
  email: "Email address",
  password: "Password",
  show: "Show password",
  submit: "Sign in",
  code: "Code of your authenticator app",
  codeHint: "Six digits. Or one of your recovery codes.",
  codeTitle: "One more step",
  back: "Back",
  wrong: "The email address or the password is wrong.",
  locked: (minutes: string) => `Too many wrong tries. Sign-in is locked. Try again in ${minutes}.`,
  lockedSomeTime: "a few minutes",
  ended: "Your session has ended. Sign in again.",
  left: "You have signed out.",
  forgot: "Forgot your password? The person who manages people in your chain sends you a new link.",
  unreachable: "The system cannot be reached",
};

const zh: typeof en = {
  title: "登录",
  lead: "查看您的门店、订单和后厨。",
  email: "邮箱",
  password: "密码",
  show: "显示密码",
  submit: "登录",
  code: "身份验证器中的验证码",
  codeHint: "六位数字，或任一恢复码。",
  codeTitle: "还差一步",
  back: "返回",
  wrong: "邮箱或密码错误。",
  locked: (minutes) => `尝试次数过多，登录已锁定，请在${minutes}后重试。`,
  lockedSomeTime: "几分钟",
  ended: "登录已失效，请重新登录。",
  left: "您已退出登录。",
  forgot: "忘记密码？请联系管理人员账号的同事获取新链接。",
  unreachable: "无法连接到系统",
};

export const useShellTexts = (): typeof en => useTexts({ en, zh });
