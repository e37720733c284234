// The items of a menu by category. Sold out is one tap, and holds at once; all else is a draft.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Empty, Icon, Row, Search, State, format, may, notify, send, useSentence, useTexts } from "../../kit";
import { ItemDialog } from "./item_dialog";
import en from "./en";
import { categoriesOf, moved, priceText, soldOutCount, switched, type Item, type Opened, type Editing } from "./model";
import zh from "./zh";

export function Items({ opened, menu, change, reload }: Editing & { reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [wanted, setWanted] = useState("");
  const [edited, setEdited] = useState<Item | "new" | null>(null);
  const matches = (item: Item) => [item.name, item.id, ...Object.values(item.texts ?? {}).map(({ name }) => name)].some((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  const categories = categoriesOf({ ...menu, items: menu.items.filter(matches) });
  const editing = { opened, menu, change };
  return (
    <>
      <Row between>
        <Search label={t.find} value="" onChange={setWanted} />
        {change && <Button kind="main" icon="plus" onPress={() => setEdited("new")}>{t.addItem}</Button>}
      </Row>
      {menu.items.length === 0 && <Card><Empty icon="menu" title={t.noItems} hint={t.noItemsHint} /></Card>}
      {menu.items.length > 0 && categories.length === 0 && <Card><Empty icon="search" title={t.notFound} hint="" /></Card>}
      {categories.map(([category, items]) => (
        <Card key={category} title={category} note={format.number(items.length)} flush>
          <ul class="menu-items">
            {items.map((item) => <ItemRow key={item.id} item={item} {...editing} edit={() => setEdited(item)} reload={reload} isFiltered={wanted !== ""} />)}
          </ul>
        </Card>
      ))}
      {edited && change && <ItemDialog {...editing} change={change} item={edited === "new" ? null : edited} close={() => setEdited(null)} />}
    </>
  );
}

interface RowProps extends Editing {
  item: Item;
  edit: () => void;
  reload: () => void;
  isFiltered: boolean;
}

function ItemRow({ item, opened, menu, change, edit, reload, isFiltered }: RowProps): JSX.Element {
  const t = useTexts({ en, zh });
  const partly = soldOutCount(opened.soldOut, item.id);
  const left = opened.left[item.id];
  return (
    <li>
      <div class="menu-item">
        {change ? <button type="button" class="menu-name" onClick={edit} aria-label={t.editItem(item.name)}>{item.name}</button> : <span class="menu-name">{item.name}</span>}
        <span class="soft">{priceText(item, opened.currency)}</span>
        {partly > 0 && <State tone="wait">{t.parts(format.number(partly))}</State>}
        {left !== undefined && <State tone={left > 0 ? "still" : "bad"}>{t.left(format.number(left))}</State>}
      </div>
      {change && !isFiltered && (
        <span class="menu-order">
          <button type="button" class="button icon-only" aria-label={t.up(item.name)} onClick={() => change(moved(menu, item.id, -1))}><Icon name="up" size={16} /></button>
          <button type="button" class="button icon-only" aria-label={t.down(item.name)} onClick={() => change(moved(menu, item.id, 1))}><Icon name="down" size={16} /></button>
        </span>
      )}
      {opened.kind === "store" && opened.menu.items.some(({ id }) => id === item.id) && <SoldOut item={item} opened={opened} reload={reload} />}
    </li>
  );
}

/** The switch of an item. It sends the whole list with the revision that it was read in, and reads again when that is old. */
function SoldOut({ item, opened, reload }: { item: Item; opened: Opened; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const sentence = useSentence();
  const [busy, setBusy] = useState(false);
  const out = opened.soldOut.includes(item.id);
  const press = async () => {
    setBusy(true);
    try {
      await send("PUT", `/v1/stores/${encodeURIComponent(opened.id)}/sold-out`, { items: switched(opened.soldOut, item.id, !out) }, undefined, opened.revision);
      notify(out ? t.isOn(item.name) : t.isOut(item.name));
    } catch (problem) {
      notify(sentence(problem), "bad");
    }
    reload();
    setBusy(false);
  };
  const disabled = busy || !may("menu:write", opened.id) || opened.left[item.id] === 0;
  return (
    <button type="button" role="switch" aria-checked={!out} aria-label={out ? t.sellAgain(item.name) : t.markOut(item.name)} class={`menu-switch ${out ? "out" : ""}`}
      disabled={disabled} onClick={() => void press()}>
      <span class="menu-knob" aria-hidden="true" /><span>{out ? t.soldOut : t.onSale}</span>
    </button>
  );
}
