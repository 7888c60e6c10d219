import type { DaemonAddress } from '@iolaus/nix';
import type { Upload } from '../../database/uploads.ts';
import { parseStoreAddress } from '../../cache/address/parse-address.ts';
import { openCacheDestination } from './cache-destination.ts';
import { copyWithNix } from './copy-with-nix.ts';

/** Where an upload may go. */
export type Destination = Disposable & {
  /** Rejects unless all of it is there, for everybody. */
  publish(upload: Upload): Promise<void>;
};

export type UploadSources = { readonly daemon: DaemonAddress; readonly logDirectory: string };

/** All stores that outputs are published to. */
export class Destinations implements Disposable {
  readonly #sources: UploadSources;
  #open = new Map<string, Destination>();

  constructor(sources: UploadSources) {
    this.#sources = sources;
  }

  /** By their addresses. */
  get stores(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Changes nothing unless all addresses are good. @throws Fault `bad-configuration` */
  change(stores: readonly string[]): void {
    const before = this.#open;
    this.#open = new Map(
      stores.map((store) => [store, before.get(store) ?? openDestination(store, this.#sources)]),
    );
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
  if (address.type !== 'nix') return openCacheDestination(address, sources);
  const { storeDirectory } = sources.daemon;
  return {
    publish: ({ outputs }) => copyWithNix(address.uri, storeDirectory, outputs),
    [Symbol.dispose]: () => {},
  };
}
