import type { NixSupport } from '../../nix-support/nix-support.ts';
import type { ReportedOutput } from '../attempt-report.ts';
import { CallError } from '../call-error.ts';
import type * as wire from '../generated/runner/v1/build_pb.ts';

// What Nix says of a failure has the last lines of the log, which is there in full anyway.
const messageCharactersMax = 64 * 1024;
// The largest reports that are known have some ten kilobytes.
const reportBytesMax = 2 * 1024 * 1024;
// What a product or a metric takes besides its texts.
const entryBytes = 64;
const entriesMax = reportBytesMax / entryBytes;

/** As much of a message as somebody may want to read. */
export const fitMessage = (message: string): string =>
  message.length <= messageCharactersMax
    ? message
    : // A slice would keep all of it alive.
      Buffer.from(message.slice(0, messageCharactersMax)).toString();

/**
 * The outputs with as many of their products and metrics as fit in a message: builds write them, and none must be able to
 * write so many that nobody can tell how it ended.
 */
export function fitOutputs(
  outputs: ReadonlyMap<string, ReportedOutput>,
): ReadonlyMap<string, ReportedOutput> {
  let leftBytes = reportBytesMax;
  const fits = (entry: object): boolean => (leftBytes -= bytesOf(entry)) >= 0;
  const fit = (support: NixSupport): NixSupport => ({
    ...support,
    products: support.products.filter(fits),
    metrics: support.metrics.filter(fits),
  });
  return new Map(
    [...outputs].map(([name, { nixSupport, ...output }]) => [
      name,
      { ...output, nixSupport: nixSupport === null ? null : fit(nixSupport) },
    ]),
  );
}

/** Throws `CallError('invalid-argument')` for more products and metrics than ours send. */
export function refuseExcess(outputs: AttemptOutputs): void {
  let entries = 0;
  for (const { nixSupport } of Object.values(outputs))
    entries += (nixSupport?.products.length ?? 0) + Object.keys(nixSupport?.metrics ?? {}).length;
  if (entries <= entriesMax) return;
  throw new CallError('invalid-argument', `${entries} products and metrics are too many`);
}

type AttemptOutputs = wire.BuildResultInfo['outputInfos'];

function bytesOf(entry: object): number {
  let bytes = entryBytes;
  for (const value of Object.values(entry))
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
  return bytes;
}
