// Which model set is in use, and what the others scored.
import type { JSX } from "preact";
import { Card, Empty, Load, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

interface Model {
  id: string;
  batch: number;
  trained_to: string;
  refreshed_to: string;
  code_version: string;
  scores: Record<string, unknown>;
  live: boolean;
}

/** The scores that this version has words for; `held_days` is a number of days, the others are shares of the revenue. */
const scoreText = (scores: Record<string, unknown>, t: typeof en): string =>
  Object.entries(t.scores).flatMap(([name, word]) => {
    const value = scores[name];
    return typeof value === "number" ? [`${word} ${name === "held_days" ? format.number(value) : format.percent(value, { digits: 1 })}`] : [];
  }).join(" · ") || "–";

export function Models(): JSX.Element {
  const t = useTexts({ en, zh });
  const models = useApi<{ models: Model[] }>("/v1/forecasts/models", { chain: chain.value }, { every: 0 });
  return (
    <Card title={t.models} note={t.modelHint} flush>
      <Load of={models} isEmpty={(page) => page.models.length === 0} empty={<Empty icon="forecast" title={t.noModels} hint={t.noneHint} />}>
        {(page) => (
          <Table label={t.models} rows={page.models} rowKey={({ id }) => id} columns={[
            { key: "trained", head: t.trainedTo, cell: ({ trained_to }) => format.day(trained_to) },
            { key: "live", head: t.live, narrow: "bare", cell: ({ live }) => (live ? <State tone="good">{t.live}</State> : <State tone="still">{t.earlier}</State>) },
            { key: "refreshed", head: t.refreshedTo, cell: ({ refreshed_to }) => format.day(refreshed_to) },
            { key: "scores", head: t.score, cell: ({ scores }) => <span class="soft">{scoreText(scores, t)}</span> },
            { key: "version", head: t.version, narrow: "hide", cell: ({ code_version }) => <code>{code_version.slice(0, 10)}</code> },
          ]} />
        )}
      </Load>
    </Card>
  );
}
