import type { ComponentChildren } from 'preact';
import { connection } from '../api/changes.ts';
import type { Connection } from '../api/changes.ts';

const connectionWords: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Reconnecting',
};

export function Header({ onHelp }: { onHelp: () => void }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="22" height="22" />
        Iolaus
      </a>
      <span class={`connection ${connection.value}`} role="status">
        <span class="dot" aria-hidden="true" />
        {connectionWords[connection.value]}
      </span>
      <button
        type="button"
        class="plain"
        onClick={onHelp}
        title="Keys (?)"
        aria-label="Show the keys"
      >
        ?
      </button>
    </header>
  );
}

/** Where one is, and the way up. The last but one crumb is what the key `u` presses. */
export function Crumbs({ children }: { children: ComponentChildren }) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      {children}
    </nav>
  );
}
