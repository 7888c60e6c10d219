import { places } from './places.ts';

/** What a key does, on every page. The lists that are told to the person and obeyed are one. */
export const keys: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['/'], does: 'search everything' },
  { keys: ['f'], does: 'filter the list' },
  { keys: ['j', '↓'], does: 'next row' },
  { keys: ['k', '↑'], does: 'previous row' },
  { keys: ['Enter'], does: 'open the row' },
  { keys: ['u'], does: 'up: from log to build, from build to list' },
  ...places.map(({ key, name }) => ({ keys: [`g ${key}`], does: name })),
  { keys: ['g r'], does: 'running builds' },
  { keys: ['g s'], does: 'builds that succeeded' },
  { keys: ['g f'], does: 'builds that failed' },
  { keys: ['e'], does: 'follow the end of a log, or stop following' },
  { keys: ['?'], does: 'this list' },
];

const addresses: Readonly<Record<string, string>> = {
  ...Object.fromEntries(places.map(({ key, address }) => [key, address])),
  r: '/?status=running',
  s: '/?status=succeeded',
  f: '/?status=failed',
};

// A person who pressed g and thought better of it.
const placeMilliseconds = 1500;

/** What the frame does on a key; `go` opens an address. */
export type Deeds = {
  readonly go: (address: string) => void;
  readonly help: () => void;
  readonly search: () => void;
};

/** Obeys the keyboard until the returned function is called. */
export function obeyKeyboard({ go, help, search }: Deeds): () => void {
  let goPressedAt = -Infinity;
  const actions: Readonly<Record<string, () => boolean | void>> = {
    j: () => moveToRow(1),
    ArrowDown: () => moveToRow(1),
    k: () => moveToRow(-1),
    ArrowUp: () => moveToRow(-1),
    u: () => press('[data-key="up"]'),
    e: () => press('[data-key="follow"]'),
    f: focusFilter,
    '/': search,
    '?': help,
    g: () => {
      goPressedAt = performance.now();
    },
  };
  const obey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event)) return;
    const address =
      performance.now() - goPressedAt < placeMilliseconds ? addresses[event.key] : undefined;
    goPressedAt = -Infinity;
    const act = actions[event.key];
    if (address !== undefined) go(address);
    else if (act === undefined || act() === false) return;
    event.preventDefault();
  };
  document.addEventListener('keydown', obey);
  return () => document.removeEventListener('keydown', obey);
}

function isWriting(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog') !== null) return true;
  // A box that scrolls by itself does so by its own keys.
  if (target.matches('.log, .scroller') && event.key.startsWith('Arrow')) return true;
  return target.matches('input, textarea, select');
}

/** Moves the focus among the rows of the page; false where there are none, so that the keys scroll as ever. */
function moveToRow(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]:is([href], button)')];
  // In a list that scrolls, rows that leave at one end come back at the other.
  rows.sort((one, other) => numberOf(one) - numberOf(other));
  const current = rows.findIndex((row) => row === document.activeElement);
  const next = current === -1 ? rows.at(step === 1 ? 0 : -1) : rows[current + step];
  next?.focus();
  return rows.length > 0;
}

const numberOf = (row: HTMLElement): number =>
  Number(row.closest('[aria-rowindex]')?.getAttribute('aria-rowindex') ?? 0);

function press(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.click();
  return element !== null;
}

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>('main input[type="search"]');
  filter?.select();
  filter?.focus();
  return filter !== null;
}
