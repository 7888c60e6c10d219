import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import type { RunnerDoor } from './ask-runner.ts';
import type { ProvisionerConfiguration } from './configuration.ts';
import type { Memory } from './plan/memory.ts';

// Who is killed and started again, or is slow once, keeps it.
const leastMilliseconds = 60_000;
const looks = 3;

/** What a provisioner may do: `new` where another one may have acted just before. */
export type Turn =
  | { readonly type: 'leads'; readonly isNew: boolean }
  | { readonly type: 'stands-by'; readonly holder: string };

/**
 * Of several provisioners with one owner one acts at a time: the one whom their runner gave the lead. While the runner does
 * not answer, it stays as it was.
 */
export class Candidacy {
  readonly #holder: string;
  readonly #logger: Logger;
  #turn: Turn = { type: 'leads', isNew: false };

  constructor(holder: string, logger: Logger) {
    this.#holder = holder;
    this.#logger = logger;
  }

  get turn(): Turn {
    return this.#turn;
  }

  async ask(
    runner: Pick<RunnerDoor, 'lead'>,
    { owner, tick }: ProvisionerConfiguration,
  ): Promise<Turn> {
    const milliseconds = Math.max(leastMilliseconds, looks * tick);
    try {
      const { holder, isNew } = await runner.lead({ owner, holder: this.#holder, milliseconds });
      this.#note(
        holder === this.#holder ? { type: 'leads', isNew } : { type: 'stands-by', holder },
      );
    } catch (error) {
      this.#logger.debug({ error: describeError(error) }, 'the runner does not say who leads');
      if (this.#turn.type === 'leads') this.#turn = { type: 'leads', isNew: false };
    }
    return this.#turn;
  }

  #note(turn: Turn): void {
    if (turn.type !== this.#turn.type) {
      const words =
        turn.type === 'leads' ? 'leading now' : `${turn.holder} leads; this one stands by`;
      this.#logger.info({}, words);
    }
    this.#turn = turn;
  }
}

/** What is left of a memory when another one may have acted since: what was wished is found by its marks, or is no more. */
export const stale = (memory: Memory): Memory => ({ ...memory, wishes: {}, since: null });

/** By this the runner knows a provisioner again that was started anew with the same folder. */
export function holderName(stateDirectory: string, owner: string): string {
  const file = join(stateDirectory, `${owner}.name`);
  const kept = readIfThere(file).trim();
  if (kept !== '') return kept;
  const made = `${hostname()}-${randomUUID()}`;
  writeFileSync(file, `${made}\n`);
  return made;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
