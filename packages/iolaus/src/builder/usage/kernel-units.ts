import { readFileSync } from 'node:fs';

/** What the kernel counts processes' use in. */
export type KernelUnits = { readonly pageBytes: number; readonly ticksPerSecond: number };

const pageSizeKey = 6n;
const clockTicksKey = 17n;
/** A key and a value, each a word of the machine's. */
const pairBytes = 16;

/** From the auxiliary vector that every process is started with; null where there is no such file. */
export function readKernelUnits(): KernelUnits | null {
  let vector: Buffer;
  try {
    vector = readFileSync('/proc/self/auxv');
  } catch {
    return null;
  }
  const values = new Map<bigint, number>();
  for (let at = 0; at + pairBytes <= vector.length; at += pairBytes) {
    values.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + pairBytes / 2)));
  }
  const [pageBytes, ticksPerSecond] = [values.get(pageSizeKey), values.get(clockTicksKey)];
  return pageBytes === undefined || ticksPerSecond === undefined
    ? null
    : { pageBytes, ticksPerSecond };
}
