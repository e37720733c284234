// The reasons of a forecast in the person's language. The API has them in English, by functions/forecast/engine/reasons.py:
// "Saturday +32 %, a day before Good Friday +12 % (seen once), other -3 %".
import { language } from "../../kit/i18n";

const WHOLE: Record<string, string> = {
  "closed, as it usually is": "休息（平日惯例）",
  "closed, as was entered": "休息（已录入）",
  "closed, by its opening hours": "休息（按营业时间）",
};
const SEEN: Record<string, string> = { "not seen before": "首次出现", "seen once": "仅出现过一次" };
const DRIVERS: Record<string, string> = {
  Monday: "周一", Tuesday: "周二", Wednesday: "周三", Thursday: "周四", Friday: "周五", Saturday: "周六", Sunday: "周日",
  promotion: "促销", "expected promotion week": "预计促销周", event: "活动", season: "季节", weather: "天气", opening: "营业时间", trend: "趋势", other: "其他",
  "school holiday": "学校假期",
};
const HOLIDAYS: Record<string, string> = {
  "New Year's Day": "元旦", "Spring Festival": "春节", "Chinese New Year": "春节", "Chinese New Year (Spring Festival)": "春节", "Chinese New Year's Eve": "除夕", "Chinese New Year's Day": "春节",
  "The second day of Chinese New Year": "正月初二", "The third day of Chinese New Year": "正月初三", "The fourth day of Chinese New Year": "正月初四",
  "Tomb-Sweeping Day": "清明节", "Tomb-sweeping Day": "清明节", "Labor Day": "劳动节", "Labour Day": "劳动节", "Dragon Boat Festival": "端午节", "Mid-Autumn Festival": "中秋节", "Mid-autumn Festival": "中秋节",
  "The Day following Mid-Autumn Festival": "中秋节翌日", "National Day": "国庆节", "National Day of the People's Republic of China": "国庆节", "Double Ninth Festival": "重阳节", "Qixi": "七夕", "Singles' Day": "双十一",
  "Children's Day": "儿童节", "Women's Day": "妇女节", "Mother's Day": "母亲节", "Father's Day": "父亲节", "Parents' Day": "父母节", "Valentine's Day": "情人节", "White Day": "白色情人节",
  "Good Friday": "耶稣受难日", "Easter Sunday": "复活节", "Easter Monday": "复活节星期一", "Christmas Eve": "平安夜", "Christmas Day": "圣诞节", "Boxing Day": "节礼日", Halloween: "万圣节", "Black Friday": "黑色星期五",
  "Thanksgiving Day": "感恩节", Thanksgiving: "感恩节", "Independence Day": "独立日", "Memorial Day": "阵亡将士纪念日", "Veterans Day": "退伍军人节", "Columbus Day": "哥伦布日", "Martin Luther King Jr. Day": "马丁·路德·金日",
  "Washington's Birthday": "总统日", "Juneteenth National Independence Day": "六月节", "Super Bowl Sunday": "超级碗星期日", "Saint Patrick's Day": "圣帕特里克节", "Cinco de Mayo": "五月五日节", "Rose Monday": "玫瑰星期一",
  Ramadan: "斋月", "Eid al-Fitr": "开斋节", "Eid al-Adha": "宰牲节", Diwali: "排灯节", "Vesak Day": "卫塞节", "The Buddha's Birthday": "佛诞",
};
const PART = /(.+?) ([+-]\d+ %)(?: \((not seen before|seen once)\))?(?:, |$)/g;

/** The reasons in the language of the page; a name that it does not know stays as it is. */
export function reasonsIn(text: string): string {
  if (language.value !== "zh" || !text) return text;
  if (WHOLE[text]) return WHOLE[text];
  const parts = [...text.matchAll(PART)].map(([, name = "", effect = "", seen]) => `${driverIn(name)} ${effect}${seen ? `（${SEEN[seen]}）` : ""}`);
  return parts.length ? parts.join("，") : text;
}

function driverIn(name: string): string {
  const near = /^(a day|\d+ days) (before|after) (.+)$/.exec(name);
  if (near) return `${holidayIn(near[3] ?? "")}${near[2] === "before" ? "前" : "后"} ${near[1] === "a day" ? 1 : parseInt(near[1] ?? "", 10)} 天`;
  const week = /^the week before (.+)$/.exec(name);
  if (week) return `${holidayIn(week[1] ?? "")}前一周`;
  const later = /^day (\d+) of (.+)$/.exec(name);
  if (later) return `${holidayIn(later[2] ?? "")}第 ${later[1]} 天`;
  return DRIVERS[name] ?? holidayIn(name);
}

// Two holidays on one day are joined; the day off for one on a Sunday is "observed".
const holidayIn = (name: string): string =>
  name.split("; ").map((one) => (one.endsWith(" (observed)") ? `${HOLIDAYS[one.slice(0, -11)] ?? one.slice(0, -11)}（补休）` : (HOLIDAYS[one] ?? one))).join("、");
