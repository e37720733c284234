import { defineView } from "../../kit/view";

export default defineView({
  path: "/stores",
  title: { en: "Stores", zh: "门店" },
  icon: "store",
  group: "set_up",
  order: 10,
  right: "menu:read",
  load: () => import("./page"),
});
