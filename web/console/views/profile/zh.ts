import type en from "./en";

export default {
  title: "我的账号",
  about: "个人信息",
  name: "姓名",
  email: "邮箱",
  roles: "角色",
  role: (role, scope) => `${role}（${scope}）`,
  roleNames: { head_office: "总部", region: "区域经理", store_manager: "店长", marketing: "市场", operator: "运维" },
  look: "语言与外观",
  language: "语言",
  theme: "外观",
  themes: { device: "跟随设备", light: "浅色", dark: "深色" },
  signOut: "退出登录",
} satisfies typeof en;
