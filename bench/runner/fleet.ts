import type { StoreDirectory } from '@iolaus/nix';
import { seededRandom } from '../../packages/iolaus/src/testing/made-up-graph.ts';
import { MadeUpBuilder } from './made-up-builder.ts';
import type { BuilderWatch } from './made-up-builder.ts';

/** Builders in this process, which shares the processors with the runner and its database. */
export function openFleet(options: {
  readonly count: number;
  readonly slots: number;
  readonly buildMilliseconds: number;
  readonly endpoints: readonly string[];
  readonly storeDirectory: StoreDirectory;
  readonly watch: BuilderWatch;
}): AsyncDisposable {
  const { count, ...each } = options;
  const random = seededRandom(1);
  const fleet = new AsyncDisposableStack();
  for (let index = 0; index < count; index += 1) {
    fleet.use(new MadeUpBuilder({ ...each, hostname: `builder-${index}`, random }));
  }
  return fleet;
}
