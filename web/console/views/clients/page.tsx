// API keys: made, rotated, revoked. A secret is shown once.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Card, Dialog, Empty, Facts, Load, Page, PagedTable, Row, State, chain, format, notify, post, send, useApi, usePages, useTexts, type PageProps } from "../../kit";
import { ClientForm } from "./client_form";
import en from "./en";
import type { Secret } from "./secret";
import zh from "./zh";

export interface Client {
  id: string;
  name: string;
  grants: string[];
  sources: string[];
  requests_per_second: number;
  created_at: string;
  revoked_at: string | null;
}

export default function ClientsPage({ parts }: PageProps): JSX.Element {
  const [id] = parts;
  return id ? <OneClient key={id} id={decodeURIComponent(id)} /> : <Clients />;
}

function Clients(): JSX.Element {
  const t = useTexts({ en, zh });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const clients = usePages<Client>("/v1/clients", { chain: chain.value, limit: 50 }, "clients", { every: 0 });
  const made = (client: Secret) => {
    setMaking(false);
    setSecret(client);
    clients.reload();
  };
  return (
    <Page title={t.title} of={clients} actions={<Button kind="main" icon="plus" onPress={() => setMaking(true)}>{t.make}</Button>}>
      <Card flush>
        <PagedTable of={clients} label={t.title} rowKey={({ id }) => id} to={({ id }) => `/clients/${encodeURIComponent(id)}`}
          empty={<Empty icon="key" title={t.none} hint={t.noneHint} />}
          columns={[
            { key: "name", head: t.name, cell: ({ name, id }) => name || id },
            { key: "id", head: t.id, cell: ({ id }) => <code>{id}</code> },
            { key: "created", head: t.created, cell: ({ created_at }) => format.moment(created_at) },
            { key: "state", head: t.state, narrow: "bare", cell: (client) => <KeyState client={client} /> },
          ]} />
      </Card>
      <Dialog open={making} title={t.make} onClose={() => setMaking(false)} wide><ClientForm after={made} /></Dialog>
      <SecretDialog secret={secret} close={() => setSecret(null)} />
    </Page>
  );
}

function KeyState({ client }: { client: Client }): JSX.Element {
  const t = useTexts({ en, zh });
  return client.revoked_at ? <State tone="still">{t.revoked}</State> : <State tone="good">{t.active}</State>;
}

function OneClient({ id }: { id: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const client = useApi<Client>(`/v1/clients/${encodeURIComponent(id)}`, {}, { every: 0 });
  const [secret, setSecret] = useState<Secret | null>(null);
  return (
    <Page title={client.data?.name || id} of={client} back={{ to: "/clients", label: t.back }}>
      <Load of={client}>
        {(data) => (
          <Card>
            <Facts rows={[
              [t.id, <code>{data.id}</code>], [t.state, <KeyState client={data} />], [t.created, format.moment(data.created_at)], [t.rate, format.number(data.requests_per_second)],
              [t.sources, data.sources.join(", ") || "–"], [t.grants, <ul>{data.grants.map((grant) => <li key={grant}><code>{grant}</code></li>)}</ul>],
            ]} />
            {!data.revoked_at && <KeyActions client={data} rotated={setSecret} reload={client.reload} />}
          </Card>
        )}
      </Load>
      <SecretDialog secret={secret} close={() => setSecret(null)} />
    </Page>
  );
}

function KeyActions({ client, rotated, reload }: { client: Client; rotated: (secret: Secret) => void; reload: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const path = `/v1/clients/${encodeURIComponent(client.id)}`;
  const name = client.name || client.id;
  return (
    <Row>
      <Action act={async (key) => rotated(await post<Secret>(`${path}/secrets`, undefined, key))} confirm={{ title: t.rotateTitle(name), text: t.rotateText }}>{t.rotate}</Action>
      <Action kind="danger" act={(key) => send("DELETE", path, undefined, key)} after={reload} confirm={{ title: t.revokeTitle(name), text: t.revokeText }}>{t.revoke}</Action>
    </Row>
  );
}

function SecretDialog({ secret, close }: { secret: Secret | null; close: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const copy = async () => {
    await navigator.clipboard.writeText(secret?.secret ?? "");
    notify(t.copied);
  };
  return (
    <Dialog open={secret !== null} title={t.secretTitle} onClose={close} actions={<Button kind="main" onPress={() => void copy()}>{t.copy}</Button>}>
      <p>{t.secretText}</p>
      {secret && <Facts rows={[[t.id, <code>{secret.id}</code>], [t.secret, <code class="clients-secret">{secret.secret}</code>]]} />}
      {secret?.others_end_at && <p class="soft">{t.othersUntil(format.moment(secret.others_end_at))}</p>}
    </Dialog>
  );
}
