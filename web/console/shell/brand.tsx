import type { JSX } from "preact";

/** The mark: a tray on its ropes. */
export function Brand({ size = 32 }: { size?: number }): JSX.Element {
  return (
    <svg class="brand-mark" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="14" class="brand-ground" />
      <path d="M20 14v36M44 14v36" class="brand-rope" />
      <path d="M16 44h32" class="brand-tray" />
      <path d="M21 39a11 11 0 0 1 22 0z" class="brand-dish" />
      <circle cx="32" cy="25.5" r="2.5" class="brand-dish" />
    </svg>
  );
}
