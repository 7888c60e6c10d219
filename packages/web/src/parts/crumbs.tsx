import type { ComponentChildren } from 'preact';

/** Where one is, and the way up. The last but one crumb is what the key `u` presses. */
export function Crumbs({ children }: { children: ComponentChildren }) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      {children}
    </nav>
  );
}
