import { defineView } from "../../kit/view";

export default defineView({
  path: "/people",
  title: { en: "People", zh: "人员" },
  icon: "people",
  group: "set_up",
  order: 30,
  right: "people:manage",
  load: () => import("./page"),
});
