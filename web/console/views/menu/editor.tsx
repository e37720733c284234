// One menu: its items by category with the switch "sold out", its charges and price lists, and the way to publish.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Failure, Field, Form, Loading, Page, State, Tabs, format, go, may, notify, useTab, useTexts } from "../../kit";
import { Charges } from "./charges";
import en from "./en";
import { Items } from "./items";
import { Lists } from "./lists";
import { differences, same, type Difference, type Opened } from "./model";
import { publish, useChainMenu, useDraft, useStoreMenu, type Draft } from "./opened";
import zh from "./zh";

export function MenuEditor({ kind, id, alone }: { kind: "store" | "chain"; id: string; alone: boolean }): JSX.Element {
  const t = useTexts({ en, zh });
  const ofStore = useStoreMenu(kind === "store" ? id : null);
  const ofChain = useChainMenu(kind === "chain" ? id : null);
  const { opened, name, asked } = kind === "store" ? ofStore : ofChain;
  return (
    <Page title={kind === "store" ? name : t.menuOf(name)} of={asked} {...(alone ? {} : { back: { to: "/menu", label: t.back } })}>
      <Failure problem={asked.problem} retry={asked.reload} />
      {opened ? <Editor opened={opened} reload={asked.reload} /> : !asked.problem && <Loading lines={8} />}
    </Page>
  );
}

const TABS = ["items", "charges", "lists"] as const;

function Editor({ opened, reload }: { opened: Opened; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [draft, setDraft] = useDraft(opened);
  const tab = useTab([...TABS]);
  const menu = draft?.menu ?? opened.menu;
  const mayEdit = may("menu:write", opened.kind === "store" ? opened.id : undefined) && !opened.chainMenu;
  const editing = { opened, menu, change: mayEdit ? setDraft : null };
  return (
    <>
      {opened.chainMenu && <OfChain menu={opened.chainMenu} />}
      <Tabs label={t.menu} tabs={TABS.map((name) => ({ id: name, label: t[name] }))} />
      {tab === "items" && <Items {...editing} reload={reload} />}
      {tab === "charges" && <Charges {...editing} />}
      {tab === "lists" && <Lists {...editing} />}
      {draft && <Publishing opened={opened} draft={draft} discard={() => setDraft(null)} reload={reload} />}
    </>
  );
}

function OfChain({ menu }: { menu: string }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card>
      <p>{t.ofChain(menu)}</p>
      {may("menu:write") && <p><Button small onPress={() => go(`/menu/chain/${encodeURIComponent(menu)}`)}>{t.openChain}</Button></p>}
    </Card>
  );
}

/** The bar that says how much is not published yet. */
function Publishing({ opened, draft, discard, reload }: { opened: Opened; draft: Draft; discard: () => void; reload: () => void }): JSX.Element | null {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const lines = differences(opened.menu, draft.menu, opened.currency, { charges: t.charges, lists: t.lists, order: t.orderOfItems });
  if (lines.length === 0) return null;
  const published = () => {
    setOpen(false);
    discard();
    reload();
    notify(t.published);
  };
  return (
    <div class="menu-bar" role="status">
      <strong>{t.draft(format.number(lines.length), lines.length === 1)}</strong>
      <Action kind="quiet" act={async () => discard()} confirm={{ title: t.discardTitle, text: t.discardText }}>{t.discard}</Action>
      <Button kind="main" onPress={() => setOpen(true)}>{t.review}</Button>
      <Dialog open={open} title={t.reviewTitle} onClose={() => setOpen(false)} wide>
        <Review lines={lines} />
        <PublishForm opened={opened} draft={draft} after={published} />
      </Dialog>
    </div>
  );
}

const TONES = { added: "good", removed: "bad", changed: "wait", moved: "info" } as const;

function Review({ lines }: { lines: Difference[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <ul class="menu-review">
      {lines.map(({ kind, name, from, to }, at) => (
        <li key={at}>
          <State tone={TONES[kind]} icon={kind === "added" ? "plus" : kind === "removed" ? "close" : "edit"}>{t.kinds[kind]}</State>
          <span><strong>{name}</strong>{from && <s class="soft">{from}</s>}{to && <span>{to}</span>}</span>
        </li>
      ))}
    </ul>
  );
}

function PublishForm({ opened, draft, after }: { opened: Opened; draft: Draft; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [begins, setBegins] = useState("");
  const stale = !same(opened.menu, draft.base);
  const send = (key: string) => publish(opened, draft.menu, key, begins ? new Date(begins).toISOString() : null);
  return (
    <Form submit={t.publish} onSend={send} after={after} disabled={stale}>
      {stale && <p role="alert"><State tone="bad">{t.stale}</State></p>}
      {opened.kind === "chain" && (
        <Field label={t.publishFrom} hint={t.publishFromHint}><input type="datetime-local" value={begins} onInput={(event: { currentTarget: HTMLInputElement }) => setBegins(event.currentTarget.value)} /></Field>
      )}
    </Form>
  );
}
