/** Enough for inputs of some kilobytes; more would not read any better. */
const mostAttempts = 2000;

/**
 * A shorter input that still fails: takes out ever smaller pieces as long as `fails` stays true.
 * @param input is known to fail
 */
export async function minimise(
  input: Buffer,
  fails: (candidate: Buffer) => Promise<boolean>,
  attempts = mostAttempts,
): Promise<Buffer> {
  let best = input;
  let left = attempts;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    let start = 0;
    while (start < best.length && left > 0) {
      const candidate = Buffer.concat([best.subarray(0, start), best.subarray(start + size)]);
      left -= 1;
      if (await fails(candidate)) best = candidate;
      else start += size;
    }
  }
  return best;
}
