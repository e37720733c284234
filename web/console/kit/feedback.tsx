// What a view shows when there is nothing, not yet something, or something wrong.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "./button";
import { clock } from "./format";
import { Icon, type IconName } from "./icons";
import { connected } from "./live";
import type { Loaded } from "./load";
import { useSentence } from "./problems";
import { useKitTexts } from "./texts";
import { SIGNS, type Tone } from "./tones";

/** A state in a word, with a sign and a colour. The word says it; colour alone never does. */
export function State({ tone, icon, children }: { tone: Tone; icon?: IconName; children: ComponentChildren }): JSX.Element {
  return <span class={`state ${tone}`}><Icon name={icon ?? SIGNS[tone]} size={16} /><span>{children}</span></span>;
}

/** Nothing here: a heading, what to do, and perhaps the button that does it. */
export function Empty({ title, hint, icon = "dash", children }: { title?: string; hint?: string; icon?: IconName; children?: ComponentChildren }): JSX.Element {
  const t = useKitTexts();
  return (
    <div class="empty">
      <Icon name={icon} size={28} />
      <p class="empty-title">{title ?? t.nothing}</p>
      <p class="soft">{hint ?? t.nothingHint}</p>
      {children}
    </div>
  );
}

/** What went wrong, what to do, and the button that tries again. */
export function Failure({ problem, retry }: { problem: unknown; retry?: () => void }): JSX.Element | null {
  const t = useKitTexts();
  const sentence = useSentence();
  if (!problem) return null;
  return (
    <div class="failure" role="alert">
      <Icon name="warning" />
      <p>{sentence(problem)}</p>
      {retry && <Button kind="quiet" onPress={retry}>{t.retry}</Button>}
    </div>
  );
}

/** Grey lines where content will stand; after 200 ms, so that a quick reply does not flicker. */
export function Loading({ lines = 4 }: { lines?: number }): JSX.Element {
  const t = useKitTexts();
  return (
    <div class="loading" role="status" aria-label={t.loading}>
      {Array.from({ length: lines }, (_, at) => <span key={at} class={`loading-line w${at % 4}`} />)}
    </div>
  );
}

/** The time of the data on the screen, and whether changes come by themselves. */
export function AsOf({ of }: { of: Pick<Loaded<unknown>, "asOf" | "problem"> }): JSX.Element | null {
  const t = useKitTexts();
  if (!of.asOf) return null;
  const time = clock(of.asOf);
  return (
    <span class={`as-of ${of.problem ? "stale" : ""}`}>
      {connected.value && !of.problem && <span class="live-dot" aria-hidden="true" />}
      {connected.value && !of.problem ? `${t.live} · ` : ""}{of.problem ? t.stale(time) : t.asOf(time)}
    </span>
  );
}

/** The states of one reply: loading, failure (above earlier data), empty, and the data itself. */
export function Load<T>({ of, empty, isEmpty, lines, children }: {
  of: Loaded<T>;
  empty?: ComponentChildren;
  isEmpty?: (data: T) => boolean;
  lines?: number;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { data, problem, reload } = of;
  const none = data !== undefined && (isEmpty ? isEmpty(data) : Array.isArray(data) && data.length === 0);
  return (
    <>
      <Failure problem={problem} retry={reload} />
      {data === undefined ? !problem && <Loading lines={lines ?? 4} /> : none ? (empty ?? <Empty />) : children(data)}
    </>
  );
}

/** Whether the browser has a connection. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}

export function OfflineNotice(): JSX.Element {
  const t = useKitTexts();
  const online = useOnline();
  return <div role="status">{!online && <p class="offline"><Icon name="offline" size={18} /><b>{t.offline}</b> {t.offlineHint}</p>}</div>;
}
