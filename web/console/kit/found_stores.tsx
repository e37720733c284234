// Stores that a person looks for by a part of the name, the city or the id.
import type { JSX } from "preact";
import { Card } from "./layout";
import { Empty, Load } from "./feedback";
import { useTexts } from "./i18n";
import { usePlaces } from "./store_names";
import { Table } from "./table";

const en = { found: "Stores found", store: "Store", city: "City", region: "Region", none: "No store matches", hint: "Type a part of the name, the city or the id." };
const zh = { found: "找到的门店", store: "门店", city: "城市", region: "区域", none: "没有符合的门店", hint: "请输入名称、城市或编号的一部分。" } satisfies typeof en;
const MOST = 50;

export function FoundStores({ wanted, to }: { wanted: string; to: (store: string) => string }): JSX.Element {
  const t = useTexts({ en, zh });
  const found = usePlaces({ q: wanted, limit: MOST });
  return (
    <Card flush>
      <Load of={found} isEmpty={({ places }) => places.length === 0} empty={<Empty icon="search" title={t.none} hint={t.hint} />}>
        {({ places }) => (
          <Table label={t.found} rows={places} rowKey={({ store }) => store} to={({ store }) => to(store)} columns={[
            { key: "store", head: t.store, cell: ({ name, store }) => <>{name} <span class="soft">{store}</span></> },
            { key: "city", head: t.city, cell: ({ city }) => city ?? "–" },
            { key: "region", head: t.region, cell: ({ region }) => region },
          ]} />
        )}
      </Load>
    </Card>
  );
}
