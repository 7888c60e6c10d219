import type { z } from 'zod';
import { apiRoot, contract } from './contract/index.ts';
import type { Answer, Contract, JsonOperation, Operation } from './contract/index.ts';
import type { Problem } from './contract/index.ts';
import { ApiProblem } from './api-problem.ts';
import { readEvents } from './read-events.ts';

/** What an operation is asked with: texts and numbers in address and query, JSON in the body. */
export type Wanted<Name extends Operation> = {
  readonly address?: Written<z.input<Contract[Name]['address']>>;
  readonly query?: Partial<Written<z.input<Contract[Name]['query']>>>;
  readonly body?: z.input<Contract[Name]['body']>;
};

/** All of an address is text in the end; who asks need not write it so. */
type Written<Fields> = {
  readonly [Name in keyof Fields]: string extends Fields[Name]
    ? Fields[Name] | number
    : Fields[Name];
};

/** API v2 of a server. Everything throws `ApiProblem` where the server says no, and what `fetch` throws where it says nothing. */
export type ApiClient = {
  ask<Name extends JsonOperation>(name: Name, wanted?: Wanted<Name>): Promise<Answer<Name>>;
  /** A log as it is now, in pieces. */
  readLog(build: number, step: number): AsyncIterable<string>;
  /** A log as it grows, until its step has ended or `signal` is aborted. */
  followLog(build: number, step: number, signal: AbortSignal): AsyncIterable<string>;
};

/** A client of the server at `url`, e.g. `http://localhost:3000`; with a token it may what the token is good for. */
export function createClient({
  url,
  token,
}: {
  readonly url: string;
  readonly token?: string | undefined;
}): ApiClient {
  const send = async <Name extends Operation>(
    name: Name,
    wanted: Wanted<Name>,
    signal: AbortSignal | null = null,
  ): Promise<Response> => {
    const { method, path } = contract[name];
    const { address = {}, query = {}, body } = wanted;
    const response = await fetch(new URL(placeOf(path, address, query), url), {
      method,
      signal,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    throw await readProblem(response);
  };
  return {
    async ask<Name extends JsonOperation>(name: Name, wanted: Wanted<Name> = {}) {
      const response = await send(name, wanted);
      const answer: Answer<Name> = JSON.parse(await response.text());
      return answer;
    },
    async *readLog(build, step) {
      const { body } = await send('readLog', { address: { build, step } });
      if (body !== null) yield* body.pipeThrough(new TextDecoderStream());
    },
    async *followLog(build, step, signal) {
      const { body } = await send('followLog', { address: { build, step } }, signal);
      if (body === null) return;
      for await (const { event, data } of readEvents(body.pipeThrough(new TextDecoderStream()))) {
        if (event === 'text') yield data;
        if (event === 'end') return;
      }
    },
  };
}

function placeOf(path: string, address: object, query: object): string {
  const names = new Map<string, unknown>(Object.entries(address));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(names.get(name))),
  );
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return `${apiRoot}${filled}?${parameters.toString()}`;
}

async function readProblem(response: Response): Promise<ApiProblem> {
  try {
    const problem: Problem = JSON.parse(await response.text());
    return new ApiProblem(response.status, problem.code, problem.detail);
  } catch (cause) {
    const detail = `The server answered with status ${response.status}.`;
    return new ApiProblem(response.status, 'no-problem', detail, { cause });
  }
}
