// Words of print jobs and printers, for every view that shows them.
import { useTexts } from "../../kit";

const en = {
  jobs: "Print jobs",
  ticket: "Ticket",
  station: "Station",
  printer: "Printer",
  state: "State",
  queued: "Since",
  none: "No print jobs",
  noneHint: "Tickets of orders appear here by themselves.",
  states: {
    queued: "Waiting", sent: "On the way", received: "At the agent", printing: "Printing", printed: "Printed", failed: "Failed", unknown: "Unknown", expired: "Too late", cancelled: "Cancelled",
  },
  kinds: {
    kitchen: "Kitchen ticket", packing: "Packing slip", receipt: "Receipt", label: "Label", cancellation: "Cancellation", test: "Test page", change: "Change ticket", bill: "Bill", day_report: "Day report",
  },
  order: (number: number) => `Order ${number}`,
  copy: (count: number) => `Reprint ${count}`,
  forPerson: "Needs a person",
  show: "Show",
  preview: (ticket: string) => `${ticket} on paper`,
  previewAlt: "The ticket as it looks on paper",
  reprint: "Print again",
  reprintTitle: "Print the ticket again",
  reprintHint: "The copy is marked REPRINT, so that the kitchen doesn't cook twice.",
  reason: "Reason",
  reasons: { lost: "The ticket was lost", unreadable: "It can't be read", customer: "The guest asked for it", other: "Another reason" },
  at: "Printer",
  same: (printer: string) => `${printer}, as before`,
  move: "Send to another printer",
  moveTitle: "Send the ticket to another printer",
  moved: "The ticket goes to the other printer",
  cancel: "Cancel",
  cancelTitle: "Cancel the ticket?",
  cancelText: "It isn't printed. The order itself stays.",
  resolve: "Settle",
  resolveTitle: "Is the ticket on paper?",
  resolveText: "The system can't know. Look at the printer, then answer.",
  onPaper: "Yes, it is on paper",
  again: "No, print it again",
  dismissed: "Nobody needs it any more",
  printers: {
    ready: "Ready", near_end: "Paper nearly empty", out_of_paper: "Out of paper", cover: "Cover open", jam: "Paper jam", stopped: "Stopped", mute: "Doesn't answer", offline: "Offline", unknown: "Not seen yet",
  },
  done: "Done",
};

const zh: typeof en = {
  jobs: "打印任务",
  ticket: "单据",
  station: "工位",
  printer: "打印机",
  state: "状态",
  queued: "时间",
  none: "没有打印任务",
  noneHint: "订单的单据会自动显示在这里。",
  states: { queued: "等待中", sent: "发送中", received: "代理已接收", printing: "打印中", printed: "已打印", failed: "失败", unknown: "未知", expired: "已超时", cancelled: "已取消" },
  kinds: {
    kitchen: "厨房单", packing: "打包单", receipt: "小票", label: "标签", cancellation: "取消单", test: "测试页", change: "改单", bill: "账单", day_report: "日结报告",
  },
  order: (number) => `订单 ${number}`,
  copy: (count) => `第 ${count} 次补打`,
  forPerson: "需要人工处理",
  show: "查看",
  preview: (ticket) => `${ticket}的纸面样式`,
  previewAlt: "单据打印在纸上的样子",
  reprint: "补打",
  reprintTitle: "补打单据",
  reprintHint: "补打的单据标有 REPRINT，厨房不会重复制作。",
  reason: "原因",
  reasons: { lost: "单据丢失", unreadable: "无法辨认", customer: "顾客要求", other: "其他原因" },
  at: "打印机",
  same: (printer) => `${printer}（不变）`,
  move: "改发到其他打印机",
  moveTitle: "将单据改发到其他打印机",
  moved: "单据已改发",
  cancel: "取消",
  cancelTitle: "取消此单据？",
  cancelText: "单据将不打印，订单不受影响。",
  resolve: "处理",
  resolveTitle: "单据打印出来了吗？",
  resolveText: "系统无法判断。请查看打印机后回答。",
  onPaper: "是，已打印出来",
  again: "否，请重新打印",
  dismissed: "已不需要",
  printers: {
    ready: "就绪", near_end: "纸快用完", out_of_paper: "缺纸", cover: "盖子打开", jam: "卡纸", stopped: "已停止", mute: "无响应", offline: "离线", unknown: "尚未连接",
  },
  done: "已完成",
};

export type JobTexts = typeof en;
export const useJobTexts = (): JobTexts => useTexts({ en, zh });

/** The word for a value of the API; the value itself where this version has no word for it. */
export const wordOf = (words: Record<string, string>, value: string): string => words[value] ?? value.replaceAll("_", " ");
