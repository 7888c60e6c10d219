import { z } from 'zod';
import type { Demand } from './plan/observation.ts';

const words = z.array(z.string());
const amount = z.number().nonnegative();

const demandSchema = z.object({
  now: amount,
  startedAt: amount,
  needs: z.array(
    z.object({
      system: z.string(),
      features: words,
      runnable: amount,
      seconds: amount,
      waitingSince: amount.nullable(),
      memoryBytes: amount,
      criticalPathSeconds: amount,
      behind: amount,
      behindSeconds: amount,
    }),
  ),
  builders: z.array(
    z.object({
      hostname: z.string(),
      systems: words,
      features: words,
      mandatoryFeatures: words,
      slots: amount,
      speedFactor: amount,
      attempts: amount,
      secondsLeft: amount,
      uploads: amount,
      joinedAt: amount.nullable(),
      idleSince: amount.nullable(),
      closed: z.string().nullable(),
    }),
  ),
});

const leadSchema = z.object({ holder: z.string(), isNew: z.boolean() });

/** Who acts for an owner; `isNew`: it may have missed what another one did just before. */
export type Lead = z.infer<typeof leadSchema>;

/** A runner as a provisioner sees it. */
export type RunnerDoor = {
  /** Throws where it does not answer, or answers what nobody can decide by. */
  demand(): Promise<Demand>;
  /** Lets a host finish what it has and gives it nothing more, or gives it work again. */
  hold(hostname: string, isHeld: boolean): Promise<void>;
  /** Asks to be the one that acts for the owner, for so long. A runner that knows no such thing lets everybody act. */
  lead(wish: { owner: string; holder: string; milliseconds: number }): Promise<Lead>;
  /** How the pools stand, for the page. */
  tell(report: object): Promise<void>;
};

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, words: string) {
    super(`the runner answers ${status} to ${words}`);
    this.status = status;
  }
}

// A runner that takes longer has something else to do.
const patienceMilliseconds = 10_000;

export function openRunnerDoor(url: string, token: string | null): RunnerDoor {
  const base = url.replace(/\/$/, '');
  const ask = async (path: string, request: RequestInit): Promise<unknown> => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const answer = await fetch(base + path, { ...request, headers, signal });
    if (answer.ok) return answer.json();
    throw new Refusal(answer.status, `${path}: ${await answer.text()}`);
  };
  return {
    async demand() {
      const parsed = demandSchema.safeParse(await ask('/demand', {}));
      if (parsed.success) return parsed.data;
      throw new Error(`the runner tells nonsense: ${z.prettifyError(parsed.error)}`);
    },
    async hold(hostname, isHeld) {
      const body = JSON.stringify({ hostname, hold: isHeld ? 'draining' : null });
      const request = { method: 'POST', body };
      await ask('/machines/hold', request).catch((error: unknown) => {
        // What is not held need not be released.
        if (isHeld || !(error instanceof Refusal && error.status === 404)) throw error;
      });
    },
    async lead(wish) {
      const request = { method: 'POST', body: JSON.stringify(wish) };
      const told = await ask('/provisioners/lead', request).catch((error: unknown) => {
        if (error instanceof Refusal && error.status === 404) return { ...wish, isNew: false };
        throw error;
      });
      return leadSchema.parse(told);
    },
    async tell(report) {
      await ask('/provisioners', { method: 'PUT', body: JSON.stringify(report) });
    },
  };
}
