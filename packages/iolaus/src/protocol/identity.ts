/** A UUID that the runner makes for each dispatch of a step; called `build_id` on the wire. */
export type AttemptUuid = string & { readonly __brand: 'AttemptUuid' };
/** A UUID that a builder makes for each tunnel; called `machine_id` on the wire. */
export type MachineUuid = string & { readonly __brand: 'MachineUuid' };
/** A UUID that a builder keeps, and tells nobody but its runner: who knows it may come back to its attempts. */
export type BuilderUuid = string & { readonly __brand: 'BuilderUuid' };

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The attempt's name in lower case, or null if the text is no hyphenated UUID. */
export function parseAttemptUuid(text: string): AttemptUuid | null {
  return uuidPattern.test(text) ? (text.toLowerCase() as AttemptUuid) : null;
}

/** The builder's name in lower case, or null if the text is no hyphenated UUID. */
export function parseMachineUuid(text: string): MachineUuid | null {
  return uuidPattern.test(text) ? (text.toLowerCase() as MachineUuid) : null;
}

/** The builder's lasting name in lower case, or null if the text is no hyphenated UUID. */
export function parseBuilderUuid(text: string): BuilderUuid | null {
  return uuidPattern.test(text) ? (text.toLowerCase() as BuilderUuid) : null;
}
