/** What things are called inside the farm. All of them come in with events; the farm makes none but attempts. */

/** Row id of `Builds`. */
export type BuildId = number & { readonly __brand: 'BuildId' };
/** Row id of `Jobsets`. */
export type JobsetId = number & { readonly __brand: 'JobsetId' };
/** Row id of `JobsetEvals`. */
export type EvaluationId = number & { readonly __brand: 'EvaluationId' };
/** A builder: the same over all its tunnels if it shows a name of its own, else new with each tunnel. */
export type BuilderId = string & { readonly __brand: 'BuilderId' };
/** One lease of one step by one builder. Grows with every dispatch: a higher number fences off the lower ones. */
export type AttemptNumber = number & { readonly __brand: 'AttemptNumber' };
/** Milliseconds since the epoch. */
export type Instant = number & { readonly __brand: 'Instant' };

export const buildId = (id: number): BuildId => id as BuildId;
export const jobsetId = (id: number): JobsetId => id as JobsetId;
export const evaluationId = (id: number): EvaluationId => id as EvaluationId;
export const builderId = (id: string): BuilderId => id as BuilderId;
export const attemptNumber = (value: number): AttemptNumber => value as AttemptNumber;
export const instant = (milliseconds: number): Instant => milliseconds as Instant;
