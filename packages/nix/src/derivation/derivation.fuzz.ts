import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { defaultStoreDirectory, derivationPath } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { parseDerivationsJson } from './parse-derivation-json.ts';
import { parseDerivation } from './parse-derivation.ts';

const path = derivationPath(`${'0'.repeat(32)}-damaged.drv`);
const files = [
  'c3yh3hnrjnfp3a7kb9h5q8x1ylmcr2kh-plain',
  'qxww040y78ks0xx4km89lcjgyfgz8qx3-many-inputs',
  'xg33d0jkwl891gb6i6lp9nnd2pmacqki-dyn-consumer-ca',
  'xz55gpps3nzc8n099kyj840s162xwn9y-structured',
  'haq05svyxdis3mpszspwqhgxc5qkbaip-impure',
  '2fsrikg73gdqfw7xwccwiahdk1a7h956-escapes',
  'y8wbbhhq2wbgfaq6v234r9ph8bbd3f6d-fixed-recursive',
];

const shown = ['caChain', 'fixedFlat', 'impure', 'multi', 'structured'];

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'derivation',
    seeds: () => files.map((file) => readFixture(`drv/${file}.drv`)),
    parse: (input) => void parseDerivation(defaultStoreDirectory, path, input),
  },
  {
    name: 'derivation-json',
    seeds: () =>
      shown.flatMap((file) =>
        ['2.8.0', '2.26.3', '2.34.8'].map((version) =>
          readFixture(`json/${version}/derivation-${file}.json`),
        ),
      ),
    parse: (input) => void parseDerivationsJson(defaultStoreDirectory, input),
  },
];
