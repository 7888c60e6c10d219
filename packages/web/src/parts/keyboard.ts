/** What a key does, on every page. The lists that are told to the person and obeyed are one. */
export const keys = [
  { keys: ['j', '↓'], does: 'next row' },
  { keys: ['k', '↑'], does: 'previous row' },
  { keys: ['Enter'], does: 'open the row' },
  { keys: ['u'], does: 'up: from log to build, from build to list' },
  { keys: ['/'], does: 'filter the builds' },
  { keys: ['g a'], does: 'all builds' },
  { keys: ['g r'], does: 'running builds' },
  { keys: ['g q'], does: 'queued builds' },
  { keys: ['g s'], does: 'builds that succeeded' },
  { keys: ['g f'], does: 'builds that failed' },
  { keys: ['e'], does: 'follow the end of a log, or stop following' },
  { keys: ['?'], does: 'this list' },
] as const;

const places: Readonly<Record<string, string>> = {
  a: '/',
  r: '/?status=running',
  q: '/?status=queued',
  s: '/?status=succeeded',
  f: '/?status=failed',
};

// A person who pressed g and thought better of it.
const placeMilliseconds = 1500;

/** Obeys the keyboard until the returned function is called. `go` opens an address, `help` shows the list of keys. */
export function obeyKeyboard(go: (address: string) => void, help: () => void): () => void {
  let goPressedAt = -Infinity;
  const actions: Readonly<Record<string, () => boolean>> = {
    j: () => moveToRow(1),
    ArrowDown: () => moveToRow(1),
    k: () => moveToRow(-1),
    ArrowUp: () => moveToRow(-1),
    u: () => press('[data-key="up"]'),
    e: () => press('[data-key="follow"]'),
    '/': focusFilter,
    '?': () => {
      help();
      return true;
    },
    g: () => {
      goPressedAt = performance.now();
      return true;
    },
  };
  const obey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event)) return;
    const place =
      performance.now() - goPressedAt < placeMilliseconds ? places[event.key] : undefined;
    goPressedAt = -Infinity;
    if (place !== undefined) go(place);
    else if (actions[event.key]?.() !== true) return;
    event.preventDefault();
  };
  document.addEventListener('keydown', obey);
  return () => document.removeEventListener('keydown', obey);
}

function isWriting(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog') !== null) return true;
  // The box of a log scrolls by its own keys.
  if (target.classList.contains('log') && event.key.startsWith('Arrow')) return true;
  return target.matches('input, textarea, select');
}

/** Moves the focus among the rows of the page; false where there are none, so that the keys scroll as ever. */
function moveToRow(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const current = rows.findIndex((row) => row === document.activeElement);
  const next = current === -1 ? rows.at(step === 1 ? 0 : -1) : rows[current + step];
  next?.focus();
  return rows.length > 0;
}

function press(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.click();
  return element !== null;
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('input[type="search"]');
  filter?.select();
  filter?.focus();
  return filter !== null;
}
