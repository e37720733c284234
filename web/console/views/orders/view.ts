import { defineView } from "../../kit/view";

export default defineView({
  path: "/orders",
  title: { en: "Orders", zh: "订单" },
  icon: "orders",
  group: "watch",
  order: 30,
  right: "orders:read",
  load: () => import("./page"),
});
