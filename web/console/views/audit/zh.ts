import type en from "./en";

export default {
  title: "审计记录",
  at: "时间",
  who: "操作人",
  what: "操作",
  where: "门店",
  fields: "字段",
  outcome: "结果",
  done: "成功",
  refused: "被拒绝",
  allStores: "全部门店",
  everybody: "所有人",
  typeName: "输入姓名",
  everything: "所有操作",
  since: "从",
  until: "到",
  none: "没有符合的记录",
  noneHint: "每次更改和每次查看个人数据都会记录在这里。",
  command: "运维命令",
  key: (id) => `API 密钥 ${id}`,
  request: "请求",
} satisfies typeof en;
