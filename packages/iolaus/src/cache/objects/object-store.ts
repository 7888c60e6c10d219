/** What is said of an object beside its bytes. */
export type ObjectHeaders = {
  readonly contentType: string;
  /** How readers are to undo its compression; never set on archives, whose narinfo says that. */
  readonly contentEncoding?: string;
};

export type ObjectFacts = {
  readonly sizeInBytes: number;
  readonly contentEncoding: string | null;
};

/** `body` has to be read to its end or returned. It throws where the object breaks off. */
export type StoredObject = ObjectFacts & { readonly body: AsyncIterable<Uint8Array> };

export type ListedObject = {
  readonly key: string;
  readonly sizeInBytes: number;
  /** Milliseconds since the epoch, by the clock of the place. */
  readonly modifiedAt: number;
};

export type PutOptions = ObjectHeaders & {
  /** Leave alone what is there. */
  readonly ifAbsent?: boolean;
};

export type StreamOptions = PutOptions & {
  /** Of the whole, at most. */
  readonly sizeInBytesMax: number;
};

/** `exists`: with `ifAbsent`, something was there; or an answer was lost, and it is what we put. Look. */
export type PutOutcome = 'created' | 'exists';

/**
 * What a cache needs of the place that it lies on: named objects that appear whole or not at all. Everything rejects with
 * `Fault`: `cache-unavailable` for what may pass, after some tries; `cache-refused` for the rest. Nobody who could not be
 * asked is taken to have said no.
 */
export interface ObjectStore extends Disposable {
  /** For people; without secrets. */
  readonly name: string;
  /** Null for what is not there. */
  head(key: string, signal?: AbortSignal): Promise<ObjectFacts | null>;
  /** Null for what is not there. A body that breaks off is not tried again. */
  get(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutOutcome>;
  /**
   * Nothing appears if the stream throws, as it should when it finds out that it is not what it was said to be. A chunk is
   * not looked at any more when the next is asked for.
   */
  putStream(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options: StreamOptions,
  ): Promise<PutOutcome>;
  delete(key: string): Promise<void>;
  /** Those whose keys begin so, and come after one, in the order of their keys. */
  list(prefix: string, after?: string): AsyncIterable<ListedObject>;
}
