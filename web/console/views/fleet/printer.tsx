// A printer's day: how much it printed, how fast, and what went wrong.
import type { JSX } from "preact";
import { Card, Chart, Field, Figure, Grid, Load, Page, format, place, setQuery, useApi, useTexts } from "../../kit";
import { JobsTable, Reroute, useJobTexts, usePrinters } from "../../parts/jobs";
import en from "./en";
import type { PrinterDay } from "./model";
import zh from "./zh";

export function OnePrinter({ store, printer }: { store: string; printer: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = useJobTexts();
  const printers = usePrinters(store);
  const day = place.value.query.get("day") ?? "";
  const asked = useApi<PrinterDay>(`/v1/console/fleet/${encodeURIComponent(store)}/printers/${encodeURIComponent(printer)}/day`, { day }, { live: { topics: ["fleet"], stores: [store] } });
  return (
    <Page title={t.dayOf(printer, store)} of={asked} back={{ to: `/fleet/${encodeURIComponent(store)}`, label: store }}
      actions={<><Reroute store={store} printer={printer} printers={printers} reload={asked.reload} /><Field label={t.day} hideLabel><input type="date" value={day || asked.data?.day || ""} onInput={(event: { currentTarget: HTMLInputElement }) => setQuery({ day: event.currentTarget.value })} /></Field></>}>
      <Load of={asked}>
        {(data) => (
          <>
            <Grid columns={4}>
              <Card><Figure label={t.printed} value={format.number(data.printed)} /></Card>
              <Card><Figure label={t.failed} value={format.number(data.failed)} /></Card>
              <Card><Figure label={t.median} value={data.median_ms === null ? "–" : format.duration(data.median_ms / 1_000)} /></Card>
              <Card><Figure label={t.slowest} value={data.slowest_ms === null ? "–" : format.duration(data.slowest_ms / 1_000)} /></Card>
            </Grid>
            <Card title={t.byHour}><Hours hours={data.hours} /></Card>
            <Card title={words.jobs} flush><JobsTable store={store} jobs={data.jobs} printers={printers} reload={asked.reload} /></Card>
          </>
        )}
      </Load>
    </Page>
  );
}

function Hours({ hours }: { hours: PrinterDay["hours"] }): JSX.Element {
  const t = useTexts({ en, zh });
  const option = {
    xAxis: { type: "category", data: hours.map(({ hour }) => `${hour}:00`) },
    yAxis: { type: "value", minInterval: 1 },
    tooltip: {},
    series: [
      { type: "bar", stack: "tickets", name: t.printed, data: hours.map(({ printed }) => printed), barMaxWidth: 28 },
      { type: "bar", stack: "tickets", name: t.failed, data: hours.map(({ failed }) => failed), barMaxWidth: 28 },
    ],
  };
  return <Chart label={t.byHour} option={option} height={200} table={{ head: [t.hour, t.printed, t.failed], rows: hours.map(({ hour, printed, failed }) => [`${hour}:00`, format.number(printed), format.number(failed)]) }} />;
}
