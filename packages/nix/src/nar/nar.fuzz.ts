import { readFixture } from '../testing/fixture.ts';
import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { inPieces } from '../testing/in-pieces.ts';
import { listNar } from './listing.ts';
import { readMember } from './member.ts';
import { parseListingFile } from './parse-listing.ts';
import { NarParser } from './parser.ts';
import { TreeError } from './tree-error.ts';

const seeds = () =>
  ['empty', 'emptydir', 'exec.sh', 'file.txt', 'link', 'tree'].map((name) =>
    readFixture(`nar/${name}.nar`),
  );

const listings = [
  'ryk610vhn4na41y4795v15gvbwp0il6q.2.8.0',
  '2z02q2k1iqi62nfiks5lzbb7w1hq0l7d.2.34.8',
  'ryk610vhn4na41y4795v15gvbwp0il6q.2.35.2',
];

/** Sizes that are no multiples of a word, so that borders fall everywhere. */
function pieces(input: Buffer): Iterable<Buffer> {
  const sizes = Array.from({ length: Math.ceil(input.length / 61) }, () => 61);
  return inPieces(input, sizes);
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'nar',
    seeds,
    parse(input) {
      const parser = new NarParser();
      parser.push(input);
      parser.end();
    },
  },
  {
    name: 'nar-in-pieces',
    seeds,
    parse(input) {
      const parser = new NarParser();
      // What comes behind the end is kept, and nobody wants it here.
      for (const piece of pieces(input)) if (!parser.done) parser.push(piece);
      parser.end();
    },
  },
  {
    name: 'nar-listing',
    seeds,
    async parse(input) {
      await listNar([input]);
    },
  },
  {
    name: 'listing-file',
    seeds: () => listings.map((name) => readFixture(`nar/cache/${name}.ls`)),
    parse: (input) => void parseListingFile(input),
  },
  {
    name: 'nar-member',
    seeds,
    async parse(input) {
      try {
        for await (const _ of readMember([input], '/lib/len9'));
      } catch (error) {
        if (!(error instanceof TreeError)) throw error;
      }
    },
  },
];
