import { defineView } from "../../kit/view";

export default defineView({
  path: "/timers",
  title: { en: "Timers", zh: "定时任务" },
  icon: "timers",
  group: "system",
  order: 20,
  right: "timers:read",
  load: () => import("./page"),
});
