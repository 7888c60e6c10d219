import { Fault } from '../../fault/fault.ts';

// The reason stands at the end; what comes before is how it came so far.
const linesMax = 6;

/** `said`: what the program printed. */
export function faultOfPostgres(sentence: string, said: string, cause?: unknown): Fault {
  if (/No space left on device/.test(said)) {
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
