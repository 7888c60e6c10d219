import { Fault } from '../../fault/fault.ts';
import { parseCount } from '../command.ts';

/** What a command is to change: builds, or those of an evaluation. */
export type Subject =
  | { readonly type: 'builds'; readonly builds: readonly number[] }
  | { readonly type: 'evaluation'; readonly evaluation: number };

export const subjectOptions = { evaluation: { type: 'string' } } as const;

/** Numbers of builds, or the one of an evaluation. Throws `Fault`. */
export function readSubject(
  command: string,
  positionals: readonly string[],
  evaluation: string | undefined,
): Subject {
  if (evaluation !== undefined && positionals.length === 0) {
    return { type: 'evaluation', evaluation: parseCount('--evaluation', evaluation, 1) };
  }
  if (evaluation === undefined && positionals.length > 0) {
    return { type: 'builds', builds: positionals.map((text) => parseCount('BUILD', text, 1)) };
  }
  throw new Fault('bad-usage', `iolaus ${command} takes numbers of builds, or one evaluation`, {
    remedy: `Name them: iolaus ${command} 123, or iolaus ${command} --evaluation 45.`,
  });
}
