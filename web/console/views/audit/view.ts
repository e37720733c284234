import { defineView } from "../../kit/view";

export default defineView({
  path: "/audit",
  title: { en: "Audit trail", zh: "审计记录" },
  icon: "audit",
  group: "system",
  order: 50,
  right: "audit:read",
  load: () => import("./page"),
});
