import { createHash } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';
import { makeHash } from './hash.ts';
import type { Hash, HashAlgorithm } from './hash.ts';

/** Computes a hash piece by piece. */
export type Hasher = {
  /** Takes the next piece. */
  update(bytes: Uint8Array): void;
  /** The hash of all pieces; the hasher is used up. */
  finish(): Hash;
};

/** BLAKE3 takes about twenty times as long as the others: Node.js has none, so it is done in JavaScript. */
export function createHasher(algorithm: HashAlgorithm): Hasher {
  const state = algorithm === 'blake3' ? blake3.create() : createHash(algorithm);
  return {
    update: (bytes) => void state.update(bytes),
    finish: () => makeHash(algorithm, state.digest()),
  };
}
