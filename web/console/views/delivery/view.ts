import { defineView } from "../../kit/view";

export default defineView({
  path: "/delivery",
  title: { en: "Deliveries", zh: "配送" },
  icon: "map",
  group: "watch",
  order: 30,
  right: "delivery:read",
  load: () => import("./page"),
});
