// The parts of ECharts that the console draws with, in the page's colours. Loaded by chart.tsx when it is needed.
import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, ScatterChart, HeatmapChart, GridComponent, TooltipComponent, LegendComponent, DataZoomComponent, MarkLineComponent, MarkAreaComponent, VisualMapComponent, AriaComponent, CanvasRenderer]);

export type EChartsOption = EChartsCoreOption;

export interface Plot {
  update: (option: EChartsOption) => void;
  end: () => void;
}

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function frame(): EChartsOption {
  const [ink, soft, line, surface] = [token("ink"), token("soft"), token("line"), token("surface")];
  const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: soft, fontSize: 12 }, splitLine: { lineStyle: { color: line } } };
  return {
    color: ["plot-1", "plot-2", "plot-3", "plot-4", "plot-5"].map(token),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250,
    grid: { left: 4, right: 8, top: 28, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: { color: soft } },
    // Drawn into the canvas: the page's policy lets no script write styles into HTML.
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: surface, borderColor: line, textStyle: { color: ink, fontSize: 13 }, axisPointer: { lineStyle: { color: soft } } },
    xAxis: axis,
    yAxis: axis,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

// The view's option over the frame; a list of axes gets the frame of one axis each.
function over(base: unknown, own: unknown): unknown {
  if (own === undefined) return base;
  if (isObject(base) && Array.isArray(own)) return own.map((one) => (isObject(one) ? over(base, one) : one));
  if (!isObject(base) || !isObject(own)) return own;
  return Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(own)])].map((key) => [key, over(base[key], own[key])]));
}

// A text such as --band stands for the colour of that token.
function coloured(value: unknown): unknown {
  if (typeof value === "string" && value.startsWith("--")) return token(value.slice(2));
  if (Array.isArray(value)) return value.map(coloured);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)])) : value;
}

const framed = (option: EChartsOption): EChartsOption => over(frame(), coloured(option)) as EChartsOption;

export function draw(element: HTMLElement, option: EChartsOption): Plot {
  const chart = init(element, null, { renderer: "canvas" });
  chart.setOption(framed(option));
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return {
    update: (next) => chart.setOption(framed(next), { notMerge: true }),
    end: () => {
      observer.disconnect();
      chart.dispose();
    },
  };
}
