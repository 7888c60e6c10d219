import { describeError } from '../../fault/fault.ts';
import type { DriverFailure } from '../plan/observation.ts';
import { DriverError } from './driver.ts';

const kinds: readonly (readonly [RegExp, DriverFailure])[] = [
  [/^Insufficient\w*Capacity|^SpotMaxPriceTooLow|^UnfulfillableCapacity|^Unsupported$/, 'capacity'],
  [
    /^VcpuLimitExceeded|^InstanceLimitExceeded|^MaxSpotInstanceCountExceeded|^MaxSpotFleet/,
    'quota',
  ],
  [/^RequestLimitExceeded|^Throttling|^TooManyRequests/, 'rate'],
  [
    /^Unauthorized|^AuthFailure|^ExpiredToken|^RequestExpired|^Credentials|^InvalidClientTokenId|^SignatureDoesNotMatch|^OptInRequired|^AccessDenied/,
    'credentials',
  ],
  [/^Invalid|^Missing|^Malformed|^Validation|^IdempotentParameterMismatch/, 'configuration'],
];

/** What an error code of Amazon's means for us. What broke off on the way may have been done. */
export function classify(code: string): DriverFailure {
  const known = kinds.find(([pattern]) => pattern.test(code))?.[1];
  return known ?? (/Timeout|ECONN|EPIPE|Network|socket/i.test(code) ? 'unknown' : 'transient');
}

/** Calls Amazon; what goes wrong becomes a `DriverError`. */
export async function askEc2<Answer>(verb: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DriverError) throw error;
    const code = error instanceof Error ? error.name : '';
    throw new DriverError(classify(code), `EC2, ${verb}: ${code}: ${describeError(error)}`, {
      cause: error,
    });
  }
}
