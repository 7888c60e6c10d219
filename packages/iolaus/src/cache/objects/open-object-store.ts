import type { CacheAddress } from '../address/store-address.ts';
import { HttpClient } from '../http/http-client.ts';
import type { ConnectOptions } from '../http/http-client.ts';
import { usualRetries } from '../http/retries.ts';
import type { RetryPolicy } from '../http/retries.ts';
import { FolderStore } from './folder-store.ts';
import { HttpStore } from './http-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openCredentials } from './s3/credentials.ts';
import { S3Client } from './s3/s3-client.ts';
import { S3Store } from './s3/s3-store.ts';

export type OpenOptions = ConnectOptions & {
  readonly retries?: RetryPolicy;
  readonly environment?: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch: requests to S3 say when they were signed. */
  readonly now?: () => number;
};

/** The place that a cache lies on. Nothing is asked of it yet. */
export function openObjectStore(address: CacheAddress, options: OpenOptions = {}): ObjectStore {
  const { retries = usualRetries, environment, now = Date.now, ...connecting } = options;
  if (address.type === 'folder') return new FolderStore(address.path);
  const http = new HttpClient(connecting);
  if (address.type === 'http') return new HttpStore(address.url, http, retries);
  const { place } = address;
  const credentials = openCredentials(place.profile, environment);
  return new S3Store(new S3Client({ place, credentials, http, retries, now }));
}
