// A plot by ECharts, loaded when a view draws one. Its numbers are a table too, for screen readers and for copying.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { EChartsOption, Plot } from "./plots";
import { language } from "./i18n";
import { theme } from "./theme";
import { useKitTexts } from "./texts";

export type { EChartsOption } from "./plots";

export interface ChartProps {
  label: string; // what it shows, in a sentence
  option: EChartsOption; // of ECharts; colours and fonts come from the page's tokens
  height?: number;
  table?: { head: string[]; rows: ComponentChildren[][] }; // the same numbers
}

export function Chart({ label, option, height = 260, table }: ChartProps): JSX.Element {
  const t = useKitTexts();
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [failed, setFailed] = useState(false);
  const isDark = theme.value;
  useEffect(() => {
    let gone = false;
    import("./plots").then(({ draw }) => {
      if (!gone && element.current) plot.current = draw(element.current, option);
    }, () => setFailed(true));
    return () => {
      gone = true;
      plot.current?.end();
      plot.current = null;
    };
  }, [isDark, language.value]);
  useEffect(() => plot.current?.update(option), [option]);
  return (
    <figure class="chart">
      {!failed && <div ref={element} role="img" aria-label={label} class="chart-plot" style={{ height: `${height}px` }} />}
      {table && (
        <details open={failed}>
          <summary>{t.asTable}</summary>
          <div class="chart-table" tabIndex={0} role="group" aria-label={t.tableOf(label)}>
            <table class="table plain">
              <thead><tr>{table.head.map((text, at) => <th key={text} scope="col" class={at ? "end" : ""}>{text}</th>)}</tr></thead>
              <tbody>{table.rows.map((row, at) => <tr key={at}>{row.map((cell, column) => (column ? <td key={column} class="end">{cell}</td> : <th key={column} scope="row">{cell}</th>))}</tr>)}</tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  );
}
