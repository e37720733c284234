import { defineView } from "../../kit/view";

export default defineView({
  path: "/members",
  title: { en: "Members", zh: "会员" },
  icon: "members",
  group: "guests",
  order: 10,
  right: "members:read",
  load: () => import("./page"),
});
