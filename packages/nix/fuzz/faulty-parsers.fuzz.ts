import { NixFormatError } from '../src/format-error.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const seeds = () => [Buffer.from('a perfectly good input, 100 bytes or less')];

/** Parsers with one fault each, for the test that such faults are found. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'faulty-wrong-error',
    seeds,
    parse(input) {
      if (input.includes('!')) throw new TypeError('undefined is not a function');
    },
  },
  {
    name: 'faulty-no-place',
    seeds,
    parse(input) {
      if (input.includes('!')) throw new NixFormatError('something is wrong');
    },
  },
  {
    name: 'faulty-memory',
    seeds,
    parse(input) {
      if (input.includes('!')) Buffer.alloc(64 * 1024 * 1024);
    },
  },
  {
    name: 'faulty-hang',
    seeds,
    parse(input) {
      while (input.includes('!'));
    },
  },
  {
    name: 'faulty-not-at-all',
    seeds,
    parse(input) {
      const offset = input.indexOf('!');
      if (offset !== -1) throw new NixFormatError('no exclamation is wanted', { offset });
    },
  },
];
