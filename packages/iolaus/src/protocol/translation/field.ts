import { NixFormatError } from '@iolaus/nix';
import { CallError } from '../call-error.ts';

/** The value of a field that must be there. Throws `CallError('invalid-argument')`, "missing drv" and the like. */
export function required<T>(field: string, value: T | null | undefined): T {
  if (value === undefined || value === null) {
    throw new CallError('invalid-argument', `missing ${field}`);
  }
  return value;
}

/** Reads a field; what is not as Nix writes it becomes `CallError('invalid-argument')` that names the field. */
export function readField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NixFormatError)) throw error;
    throw new CallError('invalid-argument', `bad ${field}: ${error.message}`, { cause: error });
  }
}

/** A count or size; beyond 2^53 it is an attack or a fault, and our numbers end there. */
export function toNumber(field: string, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new CallError('invalid-argument', `bad ${field}: ${value} is beyond 2^53`);
  }
  return number;
}

/** For fields that we added: 0 says that the peer does not know them. */
export function zeroAsNull(number: number): number | null {
  return number === 0 ? null : number;
}
