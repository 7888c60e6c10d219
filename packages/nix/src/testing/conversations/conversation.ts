import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { DaemonConnection } from '../../daemon/connection.ts';
import { DaemonError } from '../../daemon/daemon-error.ts';
import type { StorePath } from '../../store-path/store-path.ts';
import type { Recording } from '../recorded-daemon.ts';
import { full } from '../recorded-values.ts';
import type { RecordedRequest, RecordedResponse } from '../recorded-values.ts';

export type Exchange = Recording<RecordedRequest, RecordedResponse>;

/** Has an exchange once more, and checks that what was recorded is understood. */
export type Conversation = (connection: DaemonConnection, exchange: Exchange) => Promise<void>;

export type Conversations = Readonly<Record<string, Conversation>>;

export const recordedArchiveInBytes = 168;

export function only<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

export function paths(response: unknown): StorePath[] {
  assert.ok(Array.isArray(response));
  return response.map((path) => full(String(path)));
}

/** An empty text is no path. */
export function optional(path: unknown): StorePath | null {
  return path === '' ? null : full(String(path));
}

export async function settle(
  promise: Promise<unknown>,
  { error }: Exchange,
  check: (value: unknown) => void = () => {},
): Promise<void> {
  if (error === undefined) check(await promise);
  else await assert.rejects(promise, operationError(error.msg));
}

function operationError(recorded: string) {
  const expected = stripVTControlCharacters(recorded).replace(/^error: /, '');
  return (error: unknown) => {
    assert.ok(error instanceof DaemonError);
    assert.deepEqual([error.kind, error.message], ['operation', expected]);
    return true;
  };
}

export async function* inChunks(
  bytes: Buffer,
  size: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}
