import { learnServerTime } from '../time/clock.ts';
import type { Problem } from './v2.ts';

/** Why there is no answer, in a sentence for the person in front of the page. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  /** HTTP status; 0 where nobody answered. */
  readonly status: number;

  constructor(status: number, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.status = status;
  }

  /** Asking again may help: the server or what stands behind it is away. */
  get passes(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Reads JSON from the server. Throws `RequestFailure`, or the signal's reason. */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await getResponse(path, { signal });
  const body: T = await response.json();
  return body;
}

/**
 * Has the server change something, as whoever is signed in, and reads its answer. Throws `RequestFailure`. The header is
 * one that pages of other sites cannot send.
 */
export async function send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
  const response = await getResponse(path, {
    method,
    headers: { 'x-requested-with': 'iolaus', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: T = await response.json();
  return answer;
}

/** A response that is known to be good. */
export async function getResponse(path: string, options: RequestInit): Promise<Response> {
  const response = await ask(path, options);
  learnServerTime(response.headers.get('date'));
  if (!response.ok) throw new RequestFailure(response.status, await reasonOf(response));
  return response;
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new RequestFailure(0, 'The server does not answer.', { cause: error });
  }
}

async function reasonOf(response: Response): Promise<string> {
  const silent = `The server answered with status ${response.status}.`;
  try {
    const problem: Partial<Problem> = await response.json();
    return problem.detail ?? silent;
  } catch {
    return silent;
  }
}
