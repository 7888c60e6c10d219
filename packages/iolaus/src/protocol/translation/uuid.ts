import { CallError } from '../call-error.ts';
import { parseAttemptUuid, parseBuilderUuid, parseMachineUuid } from '../identity.ts';
import type { AttemptUuid, BuilderUuid, MachineUuid } from '../identity.ts';

/** Throws `CallError('invalid-argument')`. */
export function readAttempt(text: string): AttemptUuid {
  return parseAttemptUuid(text) ?? refuse('build_id', text);
}

/** Throws `CallError('invalid-argument')`. */
export function readMachine(text: string): MachineUuid {
  return parseMachineUuid(text) ?? refuse('machine_id', text);
}

/** Null where there is none. Throws `CallError('invalid-argument')`. */
export function readBuilder(text: string): BuilderUuid | null {
  return text === '' ? null : (parseBuilderUuid(text) ?? refuse('builder_id', text));
}

function refuse(field: string, text: string): never {
  throw new CallError('invalid-argument', `bad ${field}: '${text.slice(0, 64)}' is no UUID`);
}
