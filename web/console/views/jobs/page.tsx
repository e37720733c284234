// Jobs that people plan: a list, the form of a new one, and the page of one.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Card, Dialog, Empty, Page, PagedTable, Tabs, chain, format, may, usePages, useStoreNames, useTab, useTexts, type PageProps } from "../../kit";
import { useTimerName } from "../../parts/timers";
import en from "./en";
import { JobForm } from "./job_form";
import { detailOf, whenOf, type Job, type Status } from "./model";
import { OneJob } from "./one";
import { JobState } from "./state";
import zh from "./zh";

const STATUSES: Status[] = ["active", "paused", "ended", "cancelled"];

export default function JobsPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneJob key={id} id={id} /> : <Jobs />;
}

function Jobs(): JSX.Element {
  const t = useTexts({ en, zh });
  const status = useTab(STATUSES);
  const [planning, setPlanning] = useState(false);
  const jobs = usePages<Job>("/v1/jobs", { chain: chain.value, status, limit: 50 }, "jobs", { cursor: "after", live: { topics: ["jobs"] } });
  const names = useStoreNames((jobs.data ?? []).flatMap(({ stores }) => stores));
  const timerName = useTimerName();
  const planned = () => {
    setPlanning(false);
    jobs.reload();
  };
  return (
    <Page title={t.title} of={jobs} actions={may("jobs:manage") && <Button kind="main" icon="plus" onPress={() => setPlanning(true)}>{t.plan}</Button>}>
      <p class="soft">{t.about}</p>
      <Card flush actions={<Tabs label={t.state} tabs={STATUSES.map((id) => ({ id, label: t.tabs[id] }))} />}>
        <PagedTable of={jobs} label={t.title} rowKey={({ id }) => id} to={({ id }) => `/jobs/${id}`}
          empty={<Empty icon="jobs" title={t.none} hint={t.noneHint} />}
          columns={[
            { key: "job", head: t.job, cell: ({ title }) => title },
            { key: "action", head: t.action, cell: (job) => <>{t.actions[job.action]}<p class="soft jobs-detail">{detailOf(job, t, timerName)}</p></> },
            { key: "when", head: t.when, cell: ({ when }) => whenOf(when, t) },
            { key: "next", head: t.next, cell: ({ coming: [next], when }) => (next ? format.moment(next, when.zone) : "–") },
            { key: "stores", head: t.stores, narrow: "hide", cell: ({ stores }) => stores.map((id) => names[id] ?? id).join(", ") || t.allStores },
            { key: "state", head: t.state, narrow: "bare", cell: (job) => <JobState status={job.status} /> },
          ]} />
      </Card>
      <Dialog open={planning} title={t.plan} onClose={() => setPlanning(false)} wide><JobForm after={planned} /></Dialog>
    </Page>
  );
}
