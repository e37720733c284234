// What waits for a person, each with its one button.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Empty, Failure, Loading, State, chain, format, go, may, send, usePages, useTexts } from "../../kit";
import { useJobTexts, wordOf } from "../../parts/jobs";
import { useTimerName } from "../../parts/timers";
import en from "./en";
import zh from "./zh";

interface AlertAction {
  name: string;
  method: "POST" | "PUT" | "DELETE" | null; // null: a page of the console
  path: string;
  body: unknown;
  choices: { name: string; body: unknown }[] | null;
}

interface Alert {
  id: string;
  kind: string;
  urgency: "now" | "today";
  store: string | null;
  store_name: string | null;
  since: string;
  facts: Record<string, string | number | null>;
  action: AlertAction | null;
}

export function Alerts(): JSX.Element | null {
  const t = useTexts({ en, zh });
  const alerts = usePages<Alert>(may("console:read") ? "/v1/console/alerts" : null, { chain: chain.value, limit: 10 }, "alerts", { cursor: "after", live: { topics: ["alerts", "fleet"] } });
  // A delivery becomes late without a message.
  useEffect(() => {
    const look = setInterval(alerts.reload, 60_000);
    return () => clearInterval(look);
  }, [alerts.reload]);
  if (!may("console:read")) return null;
  return (
    <Card title={t.alerts}>
      <Failure problem={alerts.problem} retry={alerts.reload} />
      {!alerts.data && !alerts.problem && <Loading lines={3} />}
      {alerts.data?.length === 0 && <Empty icon="good" title={t.noAlerts} hint={t.noAlertsHint} />}
      <ul class="today-alerts">{(alerts.data ?? []).map((alert) => <li key={alert.id}><OneAlert alert={alert} reload={alerts.reload} /></li>)}</ul>
      {alerts.more && <div><Button small onPress={alerts.more} busy={alerts.loading}>{t.more}</Button></div>}
    </Card>
  );
}

function OneAlert({ alert, reload }: { alert: Alert; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const words = useJobTexts();
  const timerName = useTimerName();
  const facts = Object.entries(alert.facts).filter(([name, value]) => name in t.facts && value !== null);
  const shown = (name: string, value: string | number) =>
    name === "difference" ? format.money(Number(value), String(alert.facts["currency"]))
    : name === "day" ? format.day(String(value))
    : name === "timer" ? timerName(String(value))
    : wordOf({ ...words.kinds, ...words.printers }, String(value));
  const reason = alert.facts["reason"];
  return (
    <>
      <State tone={alert.urgency === "now" ? "bad" : "wait"}>{alert.urgency === "now" ? t.now : t.today}</State>
      <div class="today-alert">
        <strong>{wordOf(t.kinds, alert.kind)}{alert.store && ` · ${alert.store_name ?? alert.store}`}</strong>
        <span class="soft">
          {[...facts.map(([name, value]) => `${wordOf(t.facts, name)}: ${shown(name, value ?? "")}`), ...(reason ? [wordOf(t.reasons, String(reason))] : []), t.since(format.ago(alert.since))].join(" · ")}
        </span>
      </div>
      {alert.action && <AlertButton alert={alert} action={alert.action} reload={reload} />}
    </>
  );
}

function AlertButton({ alert, action, reload }: { alert: Alert; action: AlertAction; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [open, setOpen] = useState(false);
  const { method } = action;
  const name = wordOf(t.actions, action.name);
  const label = `${name}: ${alert.store_name ?? alert.store ?? ""}`;
  if (!method) return <Button small onPress={() => go(action.path.replace(/^\/console/, ""))} label={label}>{name}</Button>;
  if (!action.choices) return <Action small act={(key) => send(method, action.path, action.body ?? undefined, key)} after={reload} label={label}>{name}</Action>;
  const after = () => {
    setOpen(false);
    reload();
  };
  return (
    <>
      <Button small onPress={() => setOpen(true)} label={label}>{name}</Button>
      <Dialog open={open} title={t.chooseTitle} onClose={() => setOpen(false)}>
        {action.choices.map((choice) => <Action key={choice.name} act={(key) => send(method, action.path, choice.body, key)} after={after}>{wordOf(t.actions, choice.name)}</Action>)}
      </Dialog>
    </>
  );
}
