import { defineView } from "../../kit/view";

export default defineView({
  path: "/menu",
  title: { en: "Menus", zh: "菜单" },
  icon: "menu",
  group: "set_up",
  order: 20,
  right: "menu:read",
  load: () => import("./page"),
});
