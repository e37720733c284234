import type en from "./en";

export default {
  title: "今日",
  takings: "营业额",
  orders: (count) => `${count} 笔已付款订单，已扣除退款`,
  moved: (paid, refunded) => `当日收款 ${paid}，退款 ${refunded}`,
  byStore: "各门店",
  days: "最近几天",
  store: "门店",
  day: "日期",
  revenue: "营业额",
  count: "订单数",
  tips: "小费",
  none: "今天还没有付款订单",
  noneHint: "第一笔付款订单会自动显示在这里。",
  perDay: "最近几天的营业额",
} satisfies typeof en;
