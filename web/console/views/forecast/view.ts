import { defineView } from "../../kit/view";

export default defineView({
  path: "/forecast",
  title: { en: "Forecast", zh: "预测" },
  icon: "forecast",
  group: "plan",
  order: 10,
  right: "forecast:read",
  load: () => import("./page"),
});
