// A dialog: the browser's own, with its focus trap, Escape and backdrop.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Icon } from "./icons";
import { useKitTexts } from "./texts";

export interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
}

/** Its content exists only while it is open. */
export function Dialog({ open, title, onClose, children, actions, wide }: DialogProps): JSX.Element | null {
  const t = useKitTexts();
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && element.current && !element.current.open) element.current.showModal();
  }, [open]);
  if (!open) return null;
  return (
    <dialog ref={element} class={wide ? "wide" : ""} aria-labelledby={id} onClose={onClose}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => event.target === element.current && onClose()}>
      <div class="dialog-body">
        <header><h2 id={id}>{title}</h2><button type="button" class="button icon-only" aria-label={t.close} onClick={onClose}><Icon name="close" /></button></header>
        <div class="dialog-content">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}
