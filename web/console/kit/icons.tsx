// Icons, 24 × 24, drawn with lines. They never stand alone: a word is beside them, or a label for screen readers.
import type { JSX } from "preact";

const PATHS = {
  today: "M4 20h16M6 16v-5M10.5 16V6M15 16v-8M19 16v-3",
  printer: "M7 9V4h10v5M7 17H5a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-2M7 14h10v6H7z",
  orders: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  members: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
  segments: "M12 3a9 9 0 1 0 9 9h-9zM15.5 3.7a9 9 0 0 1 4.8 4.8h-4.8z",
  forecast: "M3 17l5-6 4 3 4-6 5-4M3 21h18",
  store: "M4 10v10h16V10M3 10l2-6h14l2 6a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0M10 20v-5h4v5",
  menu: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM9 9h6M9 13h6",
  people: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21a8 8 0 0 1 16 0",
  key: "M14.5 9.5a4.5 4.5 0 1 0-4.2 4.5L12 15.5h2v2h2v2h4v-3.5l-5.7-5.7a4.5 4.5 0 0 0 .2-.8M8.5 8.5h.01",
  timers: "M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16M12 9v4l2.5 2.5M9 2h6",
  jobs: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M9 15l2 2 4-4",
  alerts: "M12 4l9.5 16h-19zM12 10v4.5M12 17.5h.01",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h6M9 16h6",
  map: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.5 15.5L21 21",
  more: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 13l4.5 4.5L19 7",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 3",
  cross: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9 9l6 6M15 9l-6 6",
  warning: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7.5v5.5M12 16.5h.01",
  dash: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8 12h8",
  good: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8 12.5l2.8 2.8L16 9.5",
  up: "M12 20V5M6 11l6-6 6 6",
  down: "M12 4v15M6 13l6 6 6-6",
  next: "M9 5l7 7-7 7",
  back: "M15 5l-7 7 7 7",
  leave: "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  play: "M7 5l12 7-12 7z",
  pause: "M8 5v14M16 5v14",
  refresh: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  offline: "M3 3l18 18M5 12.5a10 10 0 0 1 5-2.7M2 8.8a15 15 0 0 1 5-3.2M8.5 16.2a5 5 0 0 1 7 0M12 20h.01M19 12.5a10 10 0 0 0-2-1.4M22 8.8a15 15 0 0 0-11-4.2",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  ticket: "M4 7h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4zM12 8v2M12 13v2M12 17v1",
  chat: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
  webhook: "M8 12a4 4 0 1 1 5-4M12 8l4 8M16 20a4 4 0 1 0-2-7.5M8 16h8M4.5 13A4 4 0 1 0 12 16",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
