// The chain's other systems: each flow's last run, what waits for whom, differences, and a button that sends a row again.
import type { JSX } from "preact";
import { Card, Empty, Grid, Load, Page, State, Table, chain, format, useApi, useTexts, type PageProps } from "../../kit";
import { Differences } from "./differences";
import en from "./en";
import { Flows, WhoMustAct } from "./flows";
import type { FlowList, System, SystemList } from "./model";
import { Parked } from "./parked";
import zh from "./zh";

export default function SyncPage({ parts }: PageProps): JSX.Element {
  const [name] = parts;
  return name ? <OneSystem key={name} name={name} /> : <SystemsPage />;
}

function SystemsPage(): JSX.Element {
  const t = useTexts({ en, zh });
  const list = useApi<SystemList>("/v1/sync/systems", { chain: chain.value });
  return (
    <Page title={t.title} of={list}>
      <p class="soft">{t.about}</p>
      <Load of={list} isEmpty={({ systems }) => systems.length === 0} empty={<Empty icon="refresh" title={t.none} hint={t.noneHint} />}>
        {({ systems }) => (
          <Card flush>
            <Table label={t.title} rows={systems} rowKey={({ system }) => system} to={({ system }) => `/sync/${system}`}
              tone={({ failures }) => (failures ? "bad" : undefined)}
              columns={[
                { key: "system", head: t.system, cell: ({ system }) => system },
                { key: "state", head: t.state, narrow: "bare", cell: (system) => <SystemState system={system} /> },
                { key: "kind", head: t.kind, cell: ({ kind }) => kind },
              ]} />
          </Card>
        )}
      </Load>
    </Page>
  );
}

function SystemState({ system }: { system: System }): JSX.Element {
  const t = useTexts({ en, zh });
  if (!system.enabled) return <State tone="still">{t.stopped}</State>;
  if (system.open_until) return <State tone="bad">{t.paused(format.moment(system.open_until))}</State>;
  return system.failures ? <State tone="wait">{t.failing(system.failure ?? "")}</State> : <State tone="good">{t.works}</State>;
}

function OneSystem({ name }: { name: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const flows = useApi<FlowList>(`/v1/sync/systems/${name}/flows`, { chain: chain.value });
  return (
    <Page title={name} of={flows} back={{ to: "/sync", label: t.title }}>
      <Load of={flows} lines={6}>
        {({ flows: rows }) => (
          <Grid columns={1}>
            <Flows flows={rows} />
            <WhoMustAct flows={rows} />
            <Parked system={name} after={flows.reload} />
            <Differences system={name} />
          </Grid>
        )}
      </Load>
    </Page>
  );
}
