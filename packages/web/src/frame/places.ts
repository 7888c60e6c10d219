/** A page that the navigation leads to. */
export type Place = {
  readonly address: string;
  readonly name: string;
  /** Which key opens it, after `g`. */
  readonly key: string;
  readonly isAt: (path: string) => boolean;
};

const below =
  (address: string) =>
  (path: string): boolean =>
    path === address || path.startsWith(`${address}/`);

export const places: readonly Place[] = [
  { address: '/now', name: 'Now', key: 'n', isAt: below('/now') },
  { address: '/queue', name: 'Queue', key: 'q', isAt: below('/queue') },
  {
    address: '/',
    name: 'Builds',
    key: 'b',
    isAt: (path) => path === '/' || below('/builds')(path),
  },
  { address: '/evaluations', name: 'Evaluations', key: 'e', isAt: below('/evaluations') },
  { address: '/builders', name: 'Builders', key: 'm', isAt: below('/builders') },
];
