import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { ReferenceScanner } from './reference-scanner.ts';

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'references',
    seeds: () => [readFixture('export/closure.export')],
    parse(input) {
      const scanner = new ReferenceScanner([
        parseBaseName('wh95ph7yyj7a9gqziw85bhapwkb96vln-plain'),
        parseBaseName('2z02q2k1iqi62nfiks5lzbb7w1hq0l7d-with-log'),
      ]);
      scanner.push(input);
    },
  },
];
