import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { readExport } from './read-export.ts';

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'export',
    seeds: () => [readFixture('export/closure.export')],
    async parse(input) {
      for await (const item of readExport(defaultStoreDirectory, [input])) await item.info();
    },
  },
];
