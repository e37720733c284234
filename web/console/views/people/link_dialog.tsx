// A one-time link for a person. It is shown once.
import type { JSX } from "preact";
import { Button, Dialog, addressOf, format, notify, useTexts } from "../../kit";
import en from "./en";
import zh from "./zh";

export interface OneTimeLink {
  token: string;
  expires_at: string;
}

export function LinkDialog({ link, close }: { link: OneTimeLink | null; close: () => void }): JSX.Element {
  const t = useTexts({ en, zh });
  const address = link ? `${location.origin}${addressOf("/link")}#${link.token}` : "";
  const copy = async () => {
    await navigator.clipboard.writeText(address);
    notify(t.copied);
  };
  return (
    <Dialog open={link !== null} title={t.linkTitle} onClose={close} actions={<Button kind="main" onPress={() => void copy()}>{t.copy}</Button>}>
      <p>{t.linkText}</p>
      <p><code class="people-link">{address}</code></p>
      <p class="soft">{link && t.linkUntil(format.moment(link.expires_at))}</p>
    </Dialog>
  );
}
