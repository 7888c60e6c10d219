import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { parsePathInfosJson } from './parse-path-info-json.ts';

const files = [
  '2.8.0/path-info',
  '2.26.3/path-info',
  '2.34.8/path-info-format2',
  '2.35.2/path-info-format3',
];

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'path-info-json',
    seeds: () => files.map((file) => readFixture(`json/${file}.json`)),
    parse: (input) => void parsePathInfosJson(defaultStoreDirectory, input),
  },
];
