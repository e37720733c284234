// Buttons that show that they work, and cannot be pressed twice.
import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { Icon, type IconName } from "./icons";
import { notify } from "./notices";
import { useSentence } from "./problems";
import { useKitTexts } from "./texts";

export interface ButtonProps {
  children: ComponentChildren;
  onPress?: () => void;
  kind?: "main" | "plain" | "quiet" | "danger";
  icon?: IconName;
  disabled?: boolean;
  submit?: boolean; // sends the form around it
  busy?: boolean;
  label?: string; // for screen readers, where the words alone do not say of what
  small?: boolean;
}

export function Button({ children, onPress, kind = "plain", icon, disabled, submit, busy, label, small }: ButtonProps): JSX.Element {
  return (
    <button type={submit ? "submit" : "button"} class={`button ${kind} ${small ? "small" : ""}`} disabled={disabled} aria-busy={busy || undefined}
      aria-label={label} onClick={() => !busy && onPress?.()}>
      {icon && <Icon name={icon} size={18} />}<span>{children}</span>
    </button>
  );
}

export interface ActionProps extends Omit<ButtonProps, "onPress" | "busy" | "submit"> {
  /** The change. `key` is the same while the person tries again, so that it is made once. */
  act: (key: string) => Promise<unknown>;
  done?: string; // said when it is done
  /** Asks first: a heading, and what will happen. */
  confirm?: { title: string; text: ComponentChildren; button?: string };
  after?: () => void;
}

/** A button that changes something through the API: busy meanwhile, a notice after it, the reason where it fails. */
export function Action({ act, done, confirm, after, ...button }: ActionProps): JSX.Element {
  const t = useKitTexts();
  const sentence = useSentence();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const key = useRef<string | null>(null);
  const run = async () => {
    setAsking(false);
    setBusy(true);
    key.current ??= crypto.randomUUID();
    try {
      await act(key.current);
      key.current = null;
      notify(done ?? t.done);
      after?.();
    } catch (problem) {
      if (!isUnanswered(problem)) key.current = null;
      notify(sentence(problem), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button {...button} busy={busy} onPress={() => (confirm ? setAsking(true) : void run())} />
      {confirm && (
        <Dialog open={asking} title={confirm.title} onClose={() => setAsking(false)}
          actions={<>
            <Button kind="quiet" onPress={() => setAsking(false)}>{t.cancel}</Button>
            <Button kind={button.kind === "danger" ? "danger" : "main"} onPress={() => void run()}>{confirm.button ?? button.children}</Button>
          </>}>
          <p>{confirm.text}</p>
        </Dialog>
      )}
    </>
  );
}

const isUnanswered = (problem: unknown): boolean => typeof problem === "object" && problem !== null && "status" in problem && (problem.status === 0 || Number(problem.status) >= 500);
