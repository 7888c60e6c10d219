import type { FuzzTarget } from '../../fuzz/fuzz-target.ts';
import { parseHash } from '../hash/hash.ts';
import { parseContentAddress } from './content-address.ts';
import { defaultStoreDirectory, parseStorePath, storeDirectory } from './store-path.ts';

const digits = '00zns3gj9hwz2a4b0i07y7nmxybq59lh24bl3xsxblcl6333mjil';
const hex = '34ca3ac63094d1d5751f741101692a78f95eedf10744b088129fc324dfd0f603';

/** Values that are read for themselves: those in larger texts are tried with them. */
export const fuzzTargets: readonly FuzzTarget[] = [
  target('hash', parseHash, [
    `sha256:${digits}`,
    `sha256:${hex}`,
    'sha256-RNMIpYzRgrhyf3vD6cmewDcqHg5wlGt09FuO+4mFKjM=',
    'sha1:27ahx31f6615vf0zk1pv0h6yndin6n92',
    'md5:6f5902ac237024bdd0c176cb93063dc4',
  ]),
  target('content-address', parseContentAddress, [
    `fixed:r:sha256:${digits}`,
    `text:sha256:${digits}`,
    'fixed:git:sha1:27ahx31f6615vf0zk1pv0h6yndin6n92',
    'fixed:md5:647l397jvnq78bs93h4fn04nbg',
  ]),
  target('store-path', (text) => parseStorePath(defaultStoreDirectory, text), [
    '/nix/store/sfzk1p60dr23kz8rc4xlps9qv073gjy5-hello.txt',
    '/nix/store/c3yh3hnrjnfp3a7kb9h5q8x1ylmcr2kh-plain.drv',
  ]),
  target('store-directory', storeDirectory, ['/nix/store', '/home/somebody/.local/share/nix/root']),
];

function target(
  name: string,
  parse: (text: string) => unknown,
  seeds: readonly string[],
): FuzzTarget {
  return {
    name,
    seeds: () => seeds.map((seed) => Buffer.from(seed)),
    parse: (input) => void parse(input.toString('latin1')),
  };
}
