// Pushes to guests: the rules, what became of the pushes of the last days, and what the guests' consents still allow.
import type { JSX } from "preact";
import { AsOf, Card, Empty, Load, Row, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import { PUSH_TONES, failures, pushesOf, wordOf, type GuestReport, type GuestRule } from "./model";
import zh from "./zh";

// No message tells of a push: the page asks.
const LOOK = { every: 10_000 };

export function Guests(): JSX.Element {
  const t = useTexts({ en, zh });
  const report = useApi<GuestReport>("/v1/outlets/guest-pushes", { chain: chain.value }, LOOK);
  const rules = useApi<{ rules: GuestRule[] }>("/v1/outlets/guest-rules", { chain: chain.value });
  return (
    <>
      <Row><AsOf of={report} /></Row>
      <Load of={rules} isEmpty={({ rules: list }) => list.length === 0} empty={<Card><Empty icon="chat" title={t.noGuestRules} hint={t.noGuestRulesHint} /></Card>}>
        {({ rules: list }) => (
          <Load of={report} lines={8}>
            {(known) => (
              <>
                <Rules rules={list} report={known} />
                <Failures report={known} />
                <Consents report={known} />
                <Newest report={known} />
              </>
            )}
          </Load>
        )}
      </Load>
    </>
  );
}

function Rules({ rules, report }: { rules: GuestRule[]; report: GuestReport }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.guestRules} flush>
      <Table label={t.guestRules} rows={rules} rowKey={({ rule }) => rule} columns={[
        { key: "rule", head: t.rule, cell: ({ rule }) => rule },
        { key: "cause", head: t.cause, cell: ({ settings }) => wordOf(t.causes, settings.cause) },
        { key: "template", head: t.template, cell: ({ settings }) => <span class="outlets-address">{settings.template}</span> },
        { key: "state", head: t.state, narrow: "bare", cell: ({ settings }) => <State tone={settings.enabled ? "good" : "still"}>{settings.enabled ? t.ruleOn : t.off}</State> },
        { key: "pushes", head: t.pushes, end: true, cell: ({ rule }) => t.takenOf(format.number(pushesOf(report, rule).taken), format.number(pushesOf(report, rule).all)) },
      ]} />
    </Card>
  );
}

function Failures({ report }: { report: GuestReport }): JSX.Element {
  const t = useTexts({ en, zh });
  const rows = failures(report);
  return (
    <Card title={t.pushFailures} flush={rows.length > 0}>
      {rows.length === 0 ? <Empty icon="chat" title={t.noPushFailures} hint={t.noPushFailuresHint} /> : (
        <Table label={t.pushFailures} rows={rows} rowKey={({ rule, state, reason }) => `${rule} ${state} ${reason}`} columns={[
          { key: "why", head: t.why, cell: ({ reason }) => (reason ? wordOf(t.pushReasons, reason) : "–") },
          { key: "rule", head: t.rule, cell: ({ rule }) => rule },
          { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={PUSH_TONES[state] ?? "still"}>{wordOf(t.pushStates, state)}</State> },
          { key: "pushes", head: t.pushes, end: true, cell: ({ pushes }) => format.number(pushes) },
        ]} />
      )}
    </Card>
  );
}

function Consents({ report: { consents } }: { report: GuestReport }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.consents} flush={consents.length > 0}>
      {consents.length === 0 ? <Empty icon="chat" title={t.noConsents} hint={t.noConsentsHint} /> : (
        <Table label={t.consents} rows={consents} rowKey={({ template }) => template} columns={[
          { key: "template", head: t.template, cell: ({ template }) => <span class="outlets-address">{template}</span> },
          { key: "guests", head: t.guests, end: true, cell: ({ guests }) => format.number(guests) },
          { key: "free", head: t.mayStillSend, end: true, cell: ({ free }) => format.number(free) },
        ]} />
      )}
    </Card>
  );
}

function Newest({ report: { newest } }: { report: GuestReport }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.lastPushes} flush>
      <Table label={t.lastPushes} rows={newest} rowKey={({ push }) => push} columns={[
        { key: "at", head: t.causedAt, cell: ({ caused_at: at }) => format.moment(at) },
        { key: "rule", head: t.rule, cell: ({ rule }) => rule },
        { key: "state", head: t.state, narrow: "bare", cell: ({ state }) => <State tone={PUSH_TONES[state] ?? "still"}>{wordOf(t.pushStates, state)}</State> },
        { key: "why", head: t.why, cell: ({ reason }) => (reason ? wordOf(t.pushReasons, reason) : "–") },
      ]} />
    </Card>
  );
}
