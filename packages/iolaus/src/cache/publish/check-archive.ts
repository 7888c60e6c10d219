import { equalHashes, NarLister, NarMeter, printHash } from '@iolaus/nix';
import type { NarListing, NarMeasure, PathInfo } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { Chunks } from '../compression/through.ts';

/** What is said of an archive, and has to be true. */
export type ArchiveClaim = Pick<PathInfo, 'path' | 'narHash' | 'narSize'>;

/** Watches an archive that passes by. */
export class ArchiveCheck {
  readonly #claim: ArchiveClaim;
  readonly #meter = new NarMeter();
  readonly #lister: NarLister | null;
  #listing: NarListing | null = null;

  constructor(claim: ArchiveClaim, { lists }: { readonly lists: boolean }) {
    this.#claim = claim;
    this.#lister = lists ? new NarLister() : null;
  }

  /** Null where none was wanted. */
  get listing(): NarListing | null {
    return this.#listing;
  }

  /**
   * Hands the archive on. @throws Fault `untrue-archive` at its end, unless it has the hash and size that it was said to
   * have: whoever waits for the end before he believes anything believes nothing false.
   */
  async *watch(archive: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of archive) {
      this.#meter.update(chunk);
      this.#lister?.update(chunk);
      yield chunk;
    }
    this.#assertTrue(this.#meter.finish());
    this.#listing = this.#lister?.finish() ?? null;
  }

  #assertTrue({ hash, size }: NarMeasure): void {
    const { path, narHash, narSize } = this.#claim;
    if (equalHashes(hash, narHash) && size === narSize) return;
    throw new Fault(
      'untrue-archive',
      `the archive of ${path} has ${size} bytes and the hash ${printHash(hash, 'nix32')}, not ${narSize} and ${printHash(narHash, 'nix32')}`,
      { remedy: '`nix store verify` tells whether the store is damaged.' },
    );
  }
}
