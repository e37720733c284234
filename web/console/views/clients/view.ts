import { defineView } from "../../kit/view";

export default defineView({
  path: "/clients",
  title: { en: "API keys", zh: "API 密钥" },
  icon: "key",
  group: "set_up",
  order: 40,
  right: "clients:manage",
  load: () => import("./page"),
});
