/**
 * What a step says of its failure, in one line and without what stands beside it anyway: its derivation, the end of its
 * log. Nix words a failure as `builder for 'DRV' failed with exit code 1;` and a timeout as `building of 'DRV' timed out
 * after 3 seconds`, and the farm puts `build of DRV failed: ` in front.
 */
export function tellError(message: string): string {
  const [line = ''] = message.split('\n', 1);
  const told = line
    .replace(/^build of \S+ failed: */i, '')
    .replace(/^builder for '[^']*' (failed with )?/, '')
    .replace(/^building of '[^']*' (from in-memory derivation )?/, '')
    .replace(/[;:,]\s*$/, '');
  return told === '' ? message : told;
}
