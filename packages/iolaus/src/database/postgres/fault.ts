import { statfsSync } from 'node:fs';
import { Fault } from '../../fault/fault.ts';

// The reason stands at the end; what comes before is how it came so far.
const linesMax = 6;

/** `said`: what the program printed. `folder`: where it was to write. */
export function faultOfPostgres(
  sentence: string,
  { said, folder, cause }: { said: string; folder: string; cause?: unknown },
): Fault {
  if (/No space left on device/.test(said) || isFull(folder)) {
    return new Fault('disk-full', 'there is no space left for the database', {
      remedy: 'Free some, or put the farm elsewhere with --state-dir.',
      cause,
    });
  }
  const end = said.trim().split('\n').slice(-linesMax).join('\n');
  return new Fault('child-failed', sentence, {
    ...(end !== '' && { remedy: `What it said:\n${end}` }),
    cause,
  });
}

// With less than that nothing can be written, and often not even that it could not.
const freeBytesMin = 1024 * 1024;

function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < freeBytesMin;
}
