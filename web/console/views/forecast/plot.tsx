// What was taken and what is expected, with the band in which eight days of ten should end.
import type { JSX } from "preact";
import { Chart, format, useTexts } from "../../kit";
import en from "./en";
import type { ForecastDay, HistoryPage } from "./model";
import zh from "./zh";

export function Plot({ past, days, currency }: { past: HistoryPage["days"]; days: ForecastDay[]; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const expected = new Map(days.map((day) => [day.day, day]));
  const taken = new Map(past.map(({ day, revenue }) => [day, revenue]));
  const all = [...new Set([...taken.keys(), ...expected.keys()])].sort();
  const of = (field: "mean" | "p10") => all.map((day) => expected.get(day)?.[field] ?? null);
  const money = (amount: number | null | undefined) => (amount === null || amount === undefined ? "–" : format.money(amount, currency, { whole: true }));
  const option = {
    legend: { data: [t.taken, t.expected, { name: t.band, itemStyle: { color: "--band", opacity: 1 } }] },
    xAxis: { type: "category", data: all.map((day) => format.day(day)), boundaryGap: false },
    yAxis: { type: "value", axisLabel: { formatter: (amount: number) => format.money(amount, currency, { compact: true }) } },
    tooltip: { trigger: "axis", valueFormatter: (amount: number | null) => money(amount) },
    series: [
      { type: "line", name: t.low, data: of("p10"), stack: "band", symbol: "none", lineStyle: { opacity: 0 }, tooltip: { show: false } },
      { type: "line", name: t.band, data: all.map((day) => { const row = expected.get(day); return row ? row.p90 - row.p10 : null; }), stack: "band", symbol: "none", color: "--plot-1", lineStyle: { opacity: 0 }, areaStyle: { color: "--band", opacity: 1 } },
      { type: "line", name: t.taken, data: all.map((day) => taken.get(day) ?? null), symbol: "none", color: "--plot-2" },
      { type: "line", name: t.expected, data: of("mean"), symbol: "none", color: "--plot-1", lineStyle: { width: 3 } },
    ],
  };
  const rows = all.map((day) => [format.day(day), money(taken.get(day)), money(expected.get(day)?.mean), money(expected.get(day)?.p10), money(expected.get(day)?.p90)]);
  return <Chart label={t.chart} option={option} height={320} table={{ head: [t.day, t.taken, t.expected, t.low, t.high], rows }} />;
}
