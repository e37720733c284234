// How many members have each value of a tag.
import type { JSX } from "preact";
import { Card, Chart, Empty, Grid, Load, format, useTexts, type Loaded, useStoreNames } from "../../kit";
import en from "./en";
import { valuesOf, type TagCounts } from "./model";
import { tagName, valueName } from "./words";
import zh from "./zh";

const MOST = 12;

export function Distribution({ tags }: { tags: Loaded<{ tags: TagCounts[] }> }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Load of={tags} lines={8} isEmpty={(page) => page.tags.every(({ members }) => members === 0)} empty={<Card><Empty icon="segments" title={t.noTags} hint={t.noTagsHint} /></Card>}>
      {(page) => (
        <Grid columns={2}>
          {page.tags.filter(({ members }) => members > 0).map((tag) => <Card key={tag.tag} title={tagName(t, tag.tag)} note={t.withTag(format.number(tag.members))}><Values tag={tag} /></Card>)}
        </Grid>
      )}
    </Load>
  );
}

function Values({ tag }: { tag: TagCounts }): JSX.Element {
  const t = useTexts({ en, zh });
  const values = valuesOf(tag).slice(0, MOST);
  const stores = useStoreNames(tag.tag === "home_store" ? values : []);
  const names = values.map((value) => stores[value] ?? valueName(t, value));
  const counts = values.map((value) => tag.values[value] ?? 0);
  const option = {
    xAxis: { type: "value", minInterval: 1 },
    yAxis: { type: "category", data: names, inverse: true },
    tooltip: {},
    series: [{ type: "bar", name: t.count, data: counts, barMaxWidth: 18, itemStyle: { borderRadius: [0, 4, 4, 0] } }],
  };
  return <Chart label={tagName(t, tag.tag)} option={option} height={Math.max(120, 40 + 26 * values.length)} table={{ head: [t.tagValue, t.count], rows: names.map((name, at) => [name, format.number(counts[at] ?? 0)]) }} />;
}
