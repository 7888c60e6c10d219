import { parseBaseName } from '@iolaus/nix';
import type { Upload } from '../../database/uploads.ts';
import type { S3Traffic } from '../../cache/objects/s3/s3-traffic.ts';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import type { Sweeps } from '../../cache/sweeps.ts';
import type { NamedRealisation } from '../../cache/realisations/realisation-object.ts';
import { parseStoreAddress } from '../../cache/address/parse-address.ts';
import { openCacheDestination } from './cache-destination.ts';
import type { DirectCache } from './direct/direct-cache.ts';
import { copyWithNix } from './copy-with-nix.ts';
import type { PathSources } from './publish-paths.ts';

/** Where an upload may go. */
export type Destination = Disposable & {
  /** Resolves when everybody can fetch all of it; rejects otherwise. */
  publish(upload: Upload): Promise<void>;
  /** Null for a store that only Nix can use. */
  readonly cache: BinaryCache | null;
  /** For builders that upload themselves; null where they cannot. */
  readonly direct: DirectCache | null;
};

export type UploadSources = PathSources & {
  readonly sweeps: Sweeps;
  /** What only some jobsets need; a log that is nowhere else comes from there. As it is now, null: there is none. */
  readonly overflow: () => BinaryCache | null;
  readonly logDirectory: string;
  /** What is to be said of the outputs of a derivation whose paths only a build could tell. */
  readonly realisationsOf: (derivation: string) => Promise<readonly NamedRealisation[]>;
};

/** All stores that outputs are published to. */
export class Destinations implements Disposable {
  readonly #sources: UploadSources;
  #open = new Map<string, Destination>();
  /** Addresses among the open ones. */
  #regular: readonly string[] = [];
  #overflow: string | null = null;

  constructor(sources: Omit<UploadSources, 'caches' | 'overflow'>) {
    this.#sources = {
      ...sources,
      caches: () => this.caches,
      overflow: () => this.#open.get(this.#overflow ?? '')?.cache ?? null,
    };
  }

  /** By their addresses. */
  get stores(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** The addresses that a step is published to. */
  storesFor(place: 'regular' | 'overflow'): readonly string[] {
    return place === 'overflow' && this.#overflow !== null ? [this.#overflow] : this.#regular;
  }

  /** The binary caches among them, which we can read ourselves; the overflow store is the last. */
  get caches(): readonly BinaryCache[] {
    return [...this.#open.values()].flatMap(({ cache }) => cache ?? []);
  }

  /** The first of those for everybody that we can read. */
  get regularCache(): BinaryCache | null {
    const caches = this.#regular.map((store) => this.#open.get(store)?.cache ?? null);
    return caches.find((cache) => cache !== null) ?? null;
  }

  /** The first that builders can upload to themselves. */
  get direct(): DirectCache | null {
    for (const store of this.#regular) {
      const direct = this.directAt(store);
      if (direct !== null) return direct;
    }
    return null;
  }

  /** Where what only some jobsets need goes. */
  get overflow(): DirectCache | null {
    return this.#overflow === null ? null : this.directAt(this.#overflow);
  }

  /** Of each store in S3, by its bucket. */
  get traffic(): ReadonlyMap<string, S3Traffic> {
    const clients = [...this.#open.values()].flatMap(({ direct }) => direct?.client ?? []);
    return new Map(clients.map(({ place, traffic }) => [place.bucket, traffic]));
  }

  /** By its address, if it is one of them. */
  directAt(store: string): DirectCache | null {
    return this.#open.get(store)?.direct ?? null;
  }

  /** Changes nothing unless all addresses are good. @throws Fault `bad-configuration` */
  change(regular: readonly string[], overflow: string | null): void {
    const before = this.#open;
    const stores = overflow === null ? regular : [...regular, overflow];
    this.#open = new Map(
      stores.map((store) => [store, before.get(store) ?? openDestination(store, this.#sources)]),
    );
    this.#regular = regular;
    this.#overflow = overflow;
    for (const [store, destination] of before)
      if (!this.#open.has(store)) destination[Symbol.dispose]();
  }

  async publish(upload: Upload): Promise<void> {
    await this.#open.get(upload.store)?.publish(upload);
  }

  [Symbol.dispose](): void {
    for (const destination of this.#open.values()) destination[Symbol.dispose]();
  }
}

function openDestination(store: string, sources: UploadSources): Destination {
  const address = parseStoreAddress(store);
  if (address.type !== 'nix') return openCacheDestination(store, address, sources);
  return {
    direct: null,
    publish: ({ outputs }) => copyWithNix(address.uri, outputs.map(parseBaseName), sources),
    cache: null,
    [Symbol.dispose]: () => {},
  };
}
