import { defineView } from "../../kit/view";

export default defineView({
  path: "/today",
  title: { en: "Today", zh: "今日" },
  icon: "today",
  group: "watch",
  order: 10,
  right: "takings:read",
  load: () => import("./page"),
});
