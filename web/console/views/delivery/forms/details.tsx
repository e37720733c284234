// For whom a delivery is: recipient, place of the door, payer, gift, card and wishes.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, CheckField, Dialog, Form, TextArea, TextField, notify, send, useTexts } from "../../../kit";
import { doorOf, type Delivery, type Place } from "../model";
import { CoordinatesField } from "./coordinates";
import en from "./en";
import zh from "./zh";

export function EditDetails({ delivery, after }: { delivery: Delivery; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const done = () => {
    setOpen(false);
    notify(t.saved);
    after();
  };
  return (
    <>
      <Button small onPress={() => setOpen(true)} label={`${t.edit}: ${t.detailsTitle(delivery.number)}`}>{t.edit}</Button>
      <Dialog open={open} title={t.detailsTitle(delivery.number)} onClose={() => setOpen(false)} wide><DetailsForm delivery={delivery} after={done} /></Dialog>
    </>
  );
}

const orNull = (text: string): string | null => text.trim() || null;

function DetailsForm({ delivery, after }: { delivery: Delivery; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  // What the desk saw when it began to write: a change by somebody else meanwhile is not overruled.
  const [{ revision, details: before }] = useState(delivery);
  const [recipient, setRecipient] = useState(words(before.recipient));
  const [payer, setPayer] = useState(words(before.payer));
  const [door, setDoor] = useState<Place | null | undefined>(doorOf(delivery));
  const [gift, setGift] = useState(before.gift);
  const [surprise, setSurprise] = useState(before.surprise);
  const [card, setCard] = useState(before.card ?? "");
  const [wishes, setWishes] = useState(before.wishes ?? "");
  const store = (key: string) => {
    const { name, phone, address } = recipient;
    const details = {
      ...before, gift, surprise, card: orNull(card), wishes: orNull(wishes),
      recipient: { ...before.recipient, name: orNull(name), phone: orNull(phone), address: orNull(address), lat: door?.lat ?? null, lon: door?.lon ?? null },
      payer: { ...before.payer, name: orNull(payer.name), phone: orNull(payer.phone) },
    };
    return send("PUT", `/v1/deliveries/${delivery.id}/details`, { revision, details }, key);
  };
  return (
    <Form submit={t.save} onSend={store} after={after} disabled={door === undefined}>
      <fieldset class="part">
        <legend>{t.recipient}</legend>
        <TextField label={t.name} value={recipient.name} onChange={(name) => setRecipient({ ...recipient, name })} maxLength={100} autocomplete="off" />
        <TextField label={t.phone} type="tel" value={recipient.phone} onChange={(phone) => setRecipient({ ...recipient, phone })} maxLength={40} autocomplete="off" />
        <TextArea label={t.address} rows={2} value={recipient.address} onChange={(address) => setRecipient({ ...recipient, address })} />
        <CoordinatesField label={t.door} value={door ?? doorOf(delivery)} onChange={setDoor} />
      </fieldset>
      <fieldset class="part">
        <legend>{t.payer}</legend>
        <TextField label={t.name} value={payer.name} onChange={(name) => setPayer({ ...payer, name })} maxLength={100} autocomplete="off" />
        <TextField label={t.phone} type="tel" value={payer.phone} onChange={(phone) => setPayer({ ...payer, phone })} maxLength={40} autocomplete="off" />
      </fieldset>
      <CheckField label={t.gift} checked={gift} onChange={setGift} />
      <CheckField label={t.surprise} checked={surprise} onChange={setSurprise} />
      <TextArea label={t.card} rows={2} value={card} onChange={setCard} />
      <TextArea label={t.wishes} rows={2} value={wishes} onChange={setWishes} />
    </Form>
  );
}

const words = ({ name, phone, address = null }: { name: string | null; phone: string | null; address?: string | null }) => ({ name: name ?? "", phone: phone ?? "", address: address ?? "" });
