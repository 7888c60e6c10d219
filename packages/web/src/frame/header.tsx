import { useLocation } from 'preact-iso/router';
import { account } from '../account/account.ts';
import { connection } from '../api/changes.ts';
import type { Connection } from '../api/changes.ts';
import { places } from './places.ts';

const connectionWords: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Reconnecting',
};

export function Header({ onHelp, onSearch }: { onHelp: () => void; onSearch: () => void }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="22" height="22" />
        Iolaus
      </a>
      <Navigation />
      <button type="button" class="search-all" aria-keyshortcuts="/" onClick={onSearch}>
        <span>Search</span> <kbd>/</kbd>
      </button>
      <span class={`connection ${connection.value}`} role="status">
        <span class="dot" aria-hidden="true" />
        <span class="word">{connectionWords[connection.value]}</span>
      </span>
      <AccountLink />
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

/** Who is signed in, or the way in and back. */
function AccountLink() {
  const { path, url } = useLocation();
  const isThere = account.value !== null || path === '/account';
  return (
    <a class="account" href={isThere ? '/account' : `/account?after=${encodeURIComponent(url)}`}>
      {account.value?.fullName ?? account.value?.username ?? 'Sign in'}
    </a>
  );
}

function Navigation() {
  const { path } = useLocation();
  return (
    <nav class="places" aria-label="Pages">
      {places.map(({ address, name, isAt }) => (
        <a key={address} href={address} aria-current={isAt(path) ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
