import { defineView } from "../../kit/view";

export default defineView({
  path: "/profile",
  title: { en: "Your account", zh: "我的账号" },
  icon: "people",
  group: "system",
  order: 90,
  right: null,
  load: () => import("./page"),
});
