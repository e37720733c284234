// The passkeys of the person: a device signs in by finger, face or PIN in place of the password.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Action, Button, Dialog, Form, State, TextField, format, notify, send, useApi, useTexts } from "../../kit";
import { OnDevice, PutAway, addPasskey, hasPasskeys } from "../../kit/passkeys";
import { Password } from "../../shell/sign_in";
import { deviceName } from "./browsers";
import en from "./en";
import zh from "./zh";

interface Passkey {
  id: string;
  name: string;
  synced: boolean;
  made_at: string;
  used_at: string | null;
}

export function Passkeys(): JSX.Element {
  const t = useTexts({ en, zh });
  const found = useApi<{ passkeys: Passkey[] }>("/v1/session/passkeys", {}, { every: 0 });
  const [open, setOpen] = useState(false);
  const passkeys = found.data?.passkeys ?? [];
  return (
    <div class="profile-line">
      <h3>{t.passkeys}</h3>
      {found.data && <State tone={passkeys.length ? "good" : "still"}>{passkeys.length ? t.on : t.off}</State>}
      {hasPasskeys() && <Button onPress={() => setOpen(true)}>{t.addPasskey}</Button>}
      <p class="soft small">{hasPasskeys() ? t.passkeyHint : t.noPasskeys}</p>
      {passkeys.length > 0 && (
        <ul class="profile-passkeys" aria-label={t.passkeys}>
          {passkeys.map((passkey) => (
            <li key={passkey.id}>
              <span>
                <strong>{passkey.name}</strong>
                <span class="soft small">{passkey.used_at ? t.passkeyUsed(format.ago(passkey.used_at)) : t.passkeyAdded(format.ago(passkey.made_at))}{passkey.synced ? ` · ${t.passkeySynced}` : ""}</span>
              </span>
              <Action small kind="quiet" label={t.removePasskey(passkey.name)} act={(key) => send("DELETE", `/v1/session/passkeys/${passkey.id}`, undefined, key)}
                confirm={{ title: t.removePasskey(passkey.name), text: t.removePasskeyText, button: t.remove }} done={t.passkeyRemoved} after={found.reload}>{t.remove}</Action>
            </li>
          ))}
        </ul>
      )}
      <Dialog open={open} title={t.addPasskey} onClose={() => setOpen(false)}>
        {open && <Add after={() => { setOpen(false); found.reload(); }} />}
      </Dialog>
    </div>
  );
}

function Add({ after }: { after: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const [name, setName] = useState(deviceName(navigator.userAgent));
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [said, setSaid] = useState("");
  const add = async () => {
    setSaid("");
    try {
      await addPasskey(name.trim(), { password, ...(code ? { code: code.replaceAll(/\s/g, "") } : {}) });
    } catch (failure) {
      if (failure instanceof PutAway) return setSaid(t.passkeyPutAway);
      if (failure instanceof OnDevice) return setSaid(t.passkeyOnDevice);
      throw failure;
    }
    notify(t.passkeyReady);
    after();
  };
  return (
    <Form submit={t.next} onSend={add}>
      <p class="soft">{t.passkeySteps}</p>
      <TextField label={t.passkeyName} required maxLength={100} value={name} onChange={setName} />
      <Password label={t.present} show={t.show} value={password} onChange={setPassword} />
      <TextField label={t.codeIfAny} inputMode="numeric" autocomplete="one-time-code" value={code} onChange={setCode} />
      <p role="status">{said}</p>
    </Form>
  );
}
