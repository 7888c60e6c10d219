import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { parseRealisationFile } from '../realisation/output-key.ts';
import { parseRealisationJson } from '../realisation/realisation-json.ts';
import { parsePublicKey, parsePublicKeys, parseSecretKey } from '../signature/key.ts';
import { parseSignature } from '../signature/signature.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { parseCacheInfo } from './cache-info.ts';
import { parseNarinfo } from './parse-narinfo.ts';

const byHash =
  'realisations/sha256:c181e3ff4da08e0b69cead3a35e7847a2c180e93473c19246d5ddcdff0a882c4!out.doi';
const byPath = 'build-trace-v2/8flqsr6bnrw6xjzss13n475wp6z1i0c3-ca-chain.drv/out.doi';
const keys = ['public.key', 'secret.key'].map((file) => `keys/${file}`);
const digests = ['2z02q2k1iqi62nfiks5lzbb7w1hq0l7d', '56hss53xnkmqkzjld3x3cdrx7idzqdiy'];

/** The files of a binary cache, and what stands in them. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'narinfo',
    seeds: () => digests.map((digest) => readFixture(`cache/${digest}.narinfo`)),
    parse: (input) => void parseNarinfo(defaultStoreDirectory, input),
  },
  {
    name: 'nix-cache-info',
    seeds: () => [Buffer.from('StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n')],
    parse: (input) => void parseCacheInfo(input),
  },
  {
    name: 'realisation-by-hash',
    seeds: () => ['', 'versions/2.8.0/'].map((folder) => readFixture(`cache/${folder}${byHash}`)),
    parse: (input) => void parseRealisationJson(parseRealisationFile(byHash), input),
  },
  {
    name: 'realisation-by-path',
    seeds: () => [readFixture(`cache/versions/2.35.2/${byPath}`)],
    parse: (input) => void parseRealisationJson(parseRealisationFile(byPath), input),
  },
  {
    name: 'realisation-file-name',
    seeds: () => [byHash, byPath, byPath.replace('/out', '^out')].map((name) => Buffer.from(name)),
    parse: (input) => void parseRealisationFile(input.toString('latin1')),
  },
  {
    name: 'signature',
    seeds: () => [Buffer.from(`cache.example-1:${'A'.repeat(86)}==`)],
    parse: (input) => void parseSignature(input.toString('latin1')),
  },
  ...[parsePublicKey, parsePublicKeys, parseSecretKey].map((parse) => ({
    name: parse.name,
    seeds: () => keys.map((file) => readFixture(file)),
    parse: (input: Buffer) => void parse(input.toString('latin1')),
  })),
];
