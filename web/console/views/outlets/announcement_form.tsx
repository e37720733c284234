// A new announcement: it is kept as a draft, so that it is seen and tried before any outlet gets it.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Card, Field, Form, Lines, Page, SelectField, TextArea, TextField, WordsField, chain, go, post, useTexts } from "../../kit";
import en from "./en";
import type { Announcement } from "./model";
import zh from "./zh";

interface File {
  title: string;
  url: string;
  media_type: string;
}

const KINDS = ["application/pdf", "image/png", "image/jpeg", "video/mp4"];

export function AnnouncementForm(): JSX.Element {
  const t = useTexts({ en, zh });
  const [texts, setTexts] = useState({ en: "", zh: "" });
  const [files, setFiles] = useState<File[]>([]);
  const [stores, setStores] = useState<string[]>([]);
  const [regions, setRegions] = useState<string[]>([]);
  const [starts, setStarts] = useState("");
  const made = useRef<Announcement | null>(null);
  const send = async (key: string) => {
    const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
    const body = { texts: given, attachments: files, segment: { stores, regions }, state: "paused", starts_at: starts ? new Date(starts).toISOString() : null };
    made.current = await post<Announcement>(`/v1/outlets/announcements?chain=${chain.value}`, body, key);
  };
  return (
    <Page title={t.newAnnouncement} back={{ to: "/outlets?tab=announcements", label: t.tabs["announcements"] ?? "" }}>
      <Card>
        <p class="soft">{t.draftHint}</p>
        <Form onSend={send} submit={t.keepDraft} disabled={!texts.en.trim() && !texts.zh.trim()} after={() => go(`/outlets?tab=announcements&announcement=${made.current?.announcement ?? ""}`, { replace: true })}>
          <TextArea label={t.textEn} value={texts.en} onChange={(text) => setTexts({ ...texts, en: text })} />
          <TextArea label={t.textZh} value={texts.zh} onChange={(text) => setTexts({ ...texts, zh: text })} />
          <Lines rows={files} onChange={setFiles} add={t.addFile} fresh={() => ({ title: "", url: "https://", media_type: KINDS[0] ?? "" })}>
            {(file, change) => (
              <>
                <TextField label={t.fileTitle} value={file.title} required maxLength={100} onChange={(title) => change({ ...file, title })} />
                <TextField label={t.fileUrl} type="url" value={file.url} required pattern="https://.+" onChange={(url) => change({ ...file, url })} />
                <SelectField label={t.fileKind} value={file.media_type} onChange={(kind) => change({ ...file, media_type: kind })} options={KINDS.map((value) => ({ value, label: value }))} />
              </>
            )}
          </Lines>
          <WordsField label={t.onlyStores} hint={t.onlyHint} value={stores} onChange={setStores} />
          <WordsField label={t.onlyRegions} hint={t.onlyHint} value={regions} onChange={setRegions} />
          <Field label={t.begins} hint={t.beginsHint}><input type="datetime-local" value={starts} onInput={(event: { currentTarget: HTMLInputElement }) => setStarts(event.currentTarget.value)} /></Field>
        </Form>
      </Card>
    </Page>
  );
}
