import { defineView } from "../../kit/view";

export default defineView({
  path: "/sync",
  title: { en: "Other systems", zh: "外部系统" },
  icon: "refresh",
  group: "system",
  order: 25,
  right: "sync:read",
  load: () => import("./page"),
});
