// Deliveries that have ended, the newest first.
import type { JSX } from "preact";
import { Card, Empty, PagedTable, State, type StoreNames, chain, format, usePages, useTexts } from "../../kit";
import en from "./en";
import { CARRIAGE_TONES, lateness, type Courier, type Delivery } from "./model";
import zh from "./zh";

export function Ended({ store, couriers, names }: { store: string; couriers: Courier[]; names: StoreNames }): JSX.Element {
  const t = useTexts({ en, zh });
  const ended = usePages<Delivery>("/v1/deliveries", { chain: chain.value, store, state: "ended", limit: 50 }, "deliveries", { cursor: "after", live: { topics: ["delivery"], ...(store ? { stores: [store] } : {}) } });
  const nameOf = (id: string | null) => couriers.find((courier) => courier.id === id)?.name ?? id ?? "–";
  const isLate = (delivery: Delivery) => delivery.carriage === "delivered" && lateness(delivery, 0) === "late";
  return (
    <Card flush>
      <PagedTable of={ended} label={t.ended} rowKey={({ id }) => id} to={({ id }) => `/delivery/${id}`} tone={({ carriage }) => (carriage === "returned" ? "wait" : undefined)}
        empty={<Empty icon="map" title={t.noneEnded} hint={t.noneEndedHint} />}
        columns={[
          { key: "number", head: t.number, cell: ({ number }) => t.order(number) },
          { key: "state", head: t.state, narrow: "bare", cell: (delivery) => <><State tone={CARRIAGE_TONES[delivery.carriage] ?? "still"}>{t.carriage[delivery.carriage] ?? delivery.carriage}</State>{isLate(delivery) && <State tone="bad">{t.late}</State>}</> },
          { key: "store", head: t.store, cell: ({ store: id }) => names[id] ?? id },
          { key: "courier", head: t.courier, cell: ({ courier }) => nameOf(courier) },
          { key: "promised", head: t.promised, end: true, narrow: "hide", cell: ({ wanted_until }) => format.moment(wanted_until) },
          { key: "end", head: t.end, end: true, cell: ({ ended_at }) => (ended_at ? format.moment(ended_at) : "–") },
        ]} />
    </Card>
  );
}
