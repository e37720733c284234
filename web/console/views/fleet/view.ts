import { defineView } from "../../kit/view";

export default defineView({
  path: "/fleet",
  title: { en: "Kitchens", zh: "打印设备" },
  icon: "printer",
  group: "watch",
  order: 20,
  right: "printing:read",
  load: () => import("./page"),
});
