import { defineView } from "../../kit/view";

export default defineView({
  path: "/outlets",
  title: { en: "Outlet chats", zh: "门店聊天接单" },
  icon: "chat",
  group: "watch",
  order: 60,
  right: "outlets:read",
  load: () => import("./page"),
});
