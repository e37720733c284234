// The couriers of the chain, or of a store, to change and to add.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Dialog, Empty, Load, State, Table, chain, format, may, notify, useTexts, type Loaded, type StoreNames } from "../../../kit";
import { DUTY_TONES } from "../couriers";
import boardEn from "../en";
import { duty, ofStore, type Courier } from "../model";
import { useNow } from "../now";
import boardZh from "../zh";
import { CourierForm, NEW_COURIER, type CourierDraft } from "./courier";
import en from "./en";
import zh from "./zh";

export function CourierTable({ store, couriers, names }: { store: string; couriers: Loaded<{ couriers: Courier[] }>; names: StoreNames }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState<CourierDraft | null>(null);
  const done = () => {
    setOpen(null);
    notify(t.saved);
    couriers.reload();
  };
  const fresh = { ...NEW_COURIER, stores: store ? [store] : [] };
  return (
    <Card title={t.couriers} note={t.couriersNote} flush actions={may("delivery:manage", store || undefined) && <Button small kind="main" icon="plus" onPress={() => setOpen(fresh)}>{t.newCourier}</Button>}>
      <Load of={couriers} isEmpty={(data) => ofStore(data.couriers, store, 0).length === 0} empty={<Empty icon="people" title={t.noCouriers} hint={t.noCouriersHint} />}>
        {(data) => <Rows couriers={ofStore(data.couriers, store, Date.now())} names={names} onOpen={setOpen} />}
      </Load>
      <Dialog open={open !== null} title={open?.id ? t.courierTitle(open.name) : t.newCourier} onClose={() => setOpen(null)} wide>
        {open && <CourierForm key={`${chain.value} ${open.id}`} courier={open} after={done} />}
      </Dialog>
    </Card>
  );
}

function Rows({ couriers, names, onOpen }: { couriers: Courier[]; names: StoreNames; onOpen: (courier: Courier) => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const board = useTexts({ en: boardEn, zh: boardZh });
  const now = useNow();
  const isOurs = (courier: Courier) => !courier.fleet && courier.stores.every((store) => may("delivery:manage", store));
  return (
    <Table label={t.couriers} rows={couriers} rowKey={({ id }) => id} columns={[
      { key: "name", head: t.name, cell: ({ name, id }) => <>{name} <span class="soft small">{id}</span></> },
      { key: "duty", head: board.state, narrow: "bare", cell: (courier) => <State tone={DUTY_TONES[duty(courier, now)]}>{board.duty[duty(courier, now)]}</State> },
      { key: "stores", head: t.stores, cell: ({ stores }) => stores.map((store) => names[store] ?? store).join(", ") },
      { key: "shift", head: t.shift, cell: ({ shift_from, shift_until }) => (shift_from && shift_until ? `${format.moment(shift_from)} – ${format.time(shift_until)}` : t.none) },
      { key: "vehicle", head: t.vehicle, narrow: "hide", cell: ({ vehicle, capacity }) => `${t.vehicles[vehicle] ?? vehicle} · ${format.number(capacity)}` },
      { key: "edit", head: "", end: true, cell: (courier) => isOurs(courier) && <Button small onPress={() => onOpen(courier)} label={`${t.edit}: ${courier.name}`}>{t.edit}</Button> },
    ]} />
  );
}
