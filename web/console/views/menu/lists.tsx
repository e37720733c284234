// Price lists: happy hour, lunch, delivery prices.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Checks, Dialog, Empty, Field, Form, Lines, MoneyField, Row, SelectField, Table, TextField, format, useTexts } from "../../kit";
import en from "./en";
import { freshId, type Menu, type PriceList, type Editing } from "./model";
import zh from "./zh";

export function Lists({ opened, menu, change }: Editing): JSX.Element {
  const t = useTexts({ en, zh });
  const [edited, setEdited] = useState<PriceList | "new" | null>(null);
  const lists = menu.price_lists ?? [];
  return (
    <Card title={t.lists} note={t.listsHint} flush actions={change && <Button small icon="plus" onPress={() => setEdited("new")}>{t.addList}</Button>}>
      {lists.length === 0 && <Empty icon="clock" title={t.noLists} hint={t.listsHint} />}
      {lists.length > 0 && (
        <Table label={t.lists} rows={lists} rowKey={({ id }) => id} columns={[
          { key: "name", head: t.name, cell: (list) => (change ? <button type="button" class="menu-name" onClick={() => setEdited(list)}>{list.name}</button> : list.name) },
          { key: "when", head: t.windows, cell: (list) => <When list={list} /> },
          { key: "who", head: t.forServices, cell: ({ services }) => named(services, t.services) ?? t.all },
          { key: "channels", head: t.forChannels, cell: ({ channels }) => named(channels, t.channels) ?? t.all },
          { key: "prices", head: t.prices, end: true, cell: ({ prices }) => format.number(prices?.length ?? 0) },
        ]} />
      )}
      {edited && change && <ListDialog opened={opened} menu={menu} change={change} list={edited === "new" ? null : edited} close={() => setEdited(null)} />}
    </Card>
  );
}

const named = (chosen: string[] | undefined, words: Record<string, string>): string | null => (chosen?.length ? chosen.map((value) => words[value] ?? value).join(", ") : null);

function When({ list }: { list: PriceList }): JSX.Element {
  const t = useTexts({ en, zh });
  const windows = (list.windows ?? []).map(({ weekdays, opens, closes }) => `${weekdays.map((day) => t.weekdays[day - 1]).join(" ")} ${opens}–${closes}`);
  const days = [list.begins_on, list.ends_on].map((day) => (day ? format.day(day) : "…"));
  return <>{windows.join("; ") || t.always}{(list.begins_on || list.ends_on) && ` · ${days.join(" – ")}`}</>;
}

interface DialogProps extends Editing {
  change: NonNullable<Editing["change"]>;
  list: PriceList | null;
  close: () => void;
}

function ListDialog({ opened, menu, change, list, close }: DialogProps): JSX.Element {
  const t = useTexts({ en, zh });
  const lists = menu.price_lists ?? [];
  const [edited, setEdited] = useState<PriceList>(list ?? { id: "", name: "", channels: [], services: [], windows: [], prices: [] });
  const set = (fields: Partial<PriceList>) => setEdited({ ...edited, ...fields });
  const keep = async () => {
    const kept = { ...edited, id: list?.id ?? freshId(edited.name, lists.map(({ id }) => id)) };
    change({ ...menu, price_lists: list ? lists.map((other) => (other.id === list.id ? kept : other)) : [...lists, kept] });
  };
  const remove = () => {
    change({ ...menu, price_lists: lists.filter((other) => other.id !== list?.id) });
    close();
  };
  return (
    <Dialog open wide title={list ? t.editList(list.name) : t.addList} onClose={close}>
      <Form submit={t.keep} onSend={keep} after={close} actions={list && <Button kind="quiet" onPress={remove}>{t.removeList}</Button>}>
        <TextField label={t.name} value={edited.name} onChange={(name) => set({ name })} required maxLength={200} />
        <Row>
          <Checks label={t.forServices} all={t.services} chosen={edited.services ?? []} onChange={(services) => set({ services })} />
          <Checks label={t.forChannels} all={t.channels} chosen={edited.channels ?? []} onChange={(channels) => set({ channels })} />
        </Row>
        <div class="line">
          <DayField label={t.begins} value={edited.begins_on} onChange={(begins_on) => set({ begins_on })} />
          <DayField label={t.ends} value={edited.ends_on} onChange={(ends_on) => set({ ends_on })} />
        </div>
        <Windows list={edited} set={set} />
        <ListPrices list={edited} set={set} menu={menu} currency={opened.currency} />
      </Form>
    </Dialog>
  );
}

function DayField({ label, value, onChange }: { label: string; value: string | null | undefined; onChange: (day: string | null) => void }): JSX.Element {
  return <Field label={label}><input type="date" value={value ?? ""} onInput={(event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value || null)} /></Field>;
}

type Part = { list: PriceList; set: (fields: Partial<PriceList>) => void };

function Windows({ list, set }: Part): JSX.Element {
  const t = useTexts({ en, zh });
  const days = Object.fromEntries(t.weekdays.map((name, at) => [String(at + 1), name]));
  return (
    <fieldset class="part">
      <legend>{t.windows}</legend>
      <Lines rows={list.windows ?? []} onChange={(windows) => set({ windows })} fresh={() => ({ weekdays: [1, 2, 3, 4, 5], opens: "11:00", closes: "14:00" })} add={t.addWindow}>
        {(hours, change) => (
          <>
            <Checks label={t.windows} all={days} chosen={hours.weekdays.map(String)} onChange={(chosen) => change({ ...hours, weekdays: chosen.map(Number).sort() })} />
            <TextField label={t.opens} type="time" value={hours.opens} onChange={(opens) => change({ ...hours, opens })} required />
            <TextField label={t.closes} type="time" value={hours.closes} onChange={(closes) => change({ ...hours, closes })} required />
          </>
        )}
      </Lines>
    </fieldset>
  );
}

function ListPrices({ list, set, menu, currency }: Part & { menu: Menu; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const entries = menu.items.flatMap(({ id, name, sizes }) => (sizes?.length ? sizes.map((size) => ({ value: `${id}/${size.id}`, label: `${name} ${size.id}` })) : [{ value: `${id}/`, label: name }]));
  return (
    <fieldset class="part">
      <legend>{t.prices}</legend>
      <Lines rows={list.prices ?? []} onChange={(prices) => set({ prices })} fresh={() => entryOf(entries[0]?.value ?? "/", 0)} add={t.addPrice}>
        {(price, change) => (
          <>
            {price.option
              ? <TextField label={t.item} value={`${price.item} · ${price.option}`} onChange={() => undefined} disabled />
              : <SelectField label={t.item} value={`${price.item}/${price.size ?? ""}`} onChange={(value) => change({ ...price, ...entryOf(value, price.price) })} options={entries} />}
            <MoneyField label={t.price} value={price.price} currency={currency} onChange={(amount) => change({ ...price, price: amount ?? 0 })} required />
          </>
        )}
      </Lines>
    </fieldset>
  );
}

function entryOf(value: string, price: number): { item: string; size: string | null; price: number } {
  const [item = "", size] = value.split("/");
  return { item, size: size || null, price };
}
