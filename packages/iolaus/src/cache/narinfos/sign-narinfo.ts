import { fingerprint, signText } from '@iolaus/nix';
import type { Narinfo, SecretKey, StoreDirectory } from '@iolaus/nix';

/** The same with a signature by each key. Those of the same keys give way, those of others stay: all may be needed. */
export function signNarinfo(
  directory: StoreDirectory,
  narinfo: Narinfo,
  keys: readonly SecretKey[],
): Narinfo {
  const text = fingerprint(directory, narinfo);
  const others = narinfo.signatures.filter(
    (signature) => !keys.some(({ name }) => signature.startsWith(`${name}:`)),
  );
  return { ...narinfo, signatures: [...others, ...keys.map((key) => signText(key, text))] };
}
