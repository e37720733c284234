// Somebody of the chain answers in place of an outlet: reached by phone, accepted, or declined.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Dialog, Form, SelectField, chain, may, notify, post, useTexts } from "../../kit";
import en from "./en";
import { isOpen, type Notice } from "./model";
import zh from "./zh";

const MINUTES = ["10", "15", "20", "30", "45", "60", "90"];
const REASONS = ["sold_out", "too_busy", "closed", "other"];

export function AnswerButtons({ notice, after, small = false }: { notice: Notice; after: () => void; small?: boolean }): JSX.Element | null {
  const t = useTexts({ en, zh });
  const [asking, setAsking] = useState<"confirmed" | "declined" | null>(null);
  if (!isOpen(notice) || !(may("outlets:manage", notice.outlet) || may("orders:fulfil", notice.outlet))) return null;
  const reach = (key: string) => post(`/v1/outlets/notices/${notice.notice}/answers?chain=${chain.value}`, { answer: "reached" }, key);
  const of = notice.number ?? notice.outlet;
  return (
    <div class="row outlets-answers">
      {notice.evidence !== "call" && <Action small={small} act={reach} done={t.reachedDone} after={after} label={`${t.reached}: ${of}`}>{t.reached}</Action>}
      <Button small={small} kind="main" onPress={() => setAsking("confirmed")} label={`${t.accept}: ${of}`}>{t.accept}</Button>
      <Button small={small} kind="quiet" onPress={() => setAsking("declined")} label={`${t.decline}: ${of}`}>{t.decline}</Button>
      {asking && <AnswerDialog notice={notice} answer={asking} onClose={() => setAsking(null)} after={after} />}
    </div>
  );
}

function AnswerDialog({ notice, answer, onClose, after }: { notice: Notice; answer: "confirmed" | "declined"; onClose: () => void; after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [minutes, setMinutes] = useState("20");
  const [reason, setReason] = useState("too_busy");
  const accepts = answer === "confirmed";
  const send = (key: string) =>
    post(`/v1/outlets/notices/${notice.notice}/answers?chain=${chain.value}`, accepts ? { answer, ready_minutes: Number(minutes) } : { answer, reason }, key);
  const done = () => {
    notify(accepts ? t.acceptDone : t.declineDone);
    onClose();
    after();
  };
  const title = accepts ? t.acceptTitle(notice.number ?? "", notice.outlet) : t.declineTitle(notice.number ?? "", notice.outlet);
  return (
    <Dialog open title={title} onClose={onClose}>
      <p>{accepts ? t.acceptText : t.declineText}</p>
      <Form onSend={send} submit={accepts ? t.accept : t.decline} danger={!accepts} after={done}>
        {accepts
          ? <SelectField label={t.readyIn} value={minutes} onChange={setMinutes} options={MINUTES.map((value) => ({ value, label: t.minutes(value) }))} />
          : <SelectField label={t.reason} value={reason} onChange={setReason} options={REASONS.map((value) => ({ value, label: t.reasons[value] ?? value }))} />}
      </Form>
    </Dialog>
  );
}
