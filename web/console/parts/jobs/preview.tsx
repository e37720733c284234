// A ticket as it looks on paper.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Failure, Loading, getFile } from "../../kit";
import { useJobTexts } from "./texts";

export function TicketButton({ store, job, name, label }: { store: string; job: string; name: string; label?: string }): JSX.Element {
  const t = useJobTexts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small kind="quiet" icon="ticket" onPress={() => setOpen(true)} label={`${t.show}: ${name}`}>{label ?? t.show}</Button>
      <Dialog open={open} title={t.preview(name)} onClose={() => setOpen(false)}><Paper path={`/v1/printing/stores/${encodeURIComponent(store)}/jobs/${job}/preview`} /></Dialog>
    </>
  );
}

function Paper({ path }: { path: string }): JSX.Element {
  const t = useJobTexts();
  const [picture, setPicture] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    let address = "";
    getFile(path).then((file) => setPicture((address = URL.createObjectURL(file))), setProblem);
    return () => URL.revokeObjectURL(address);
  }, [path]);
  if (problem) return <Failure problem={problem} />;
  return picture ? <div class="paper"><img src={picture} alt={t.previewAlt} /></div> : <Loading lines={6} />;
}
