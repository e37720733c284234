import { defineView } from "../../kit/view";

export default defineView({
  path: "/jobs",
  title: { en: "Planned jobs", zh: "计划任务" },
  icon: "jobs",
  group: "plan",
  order: 40,
  right: "jobs:read",
  load: () => import("./page"),
});
