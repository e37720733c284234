// The time, for what turns late by itself.
import { useEffect, useState } from "preact/hooks";

const TICK = 5_000;

/** The time, again and again. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return now;
}
