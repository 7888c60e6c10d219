import { randomUUID } from 'node:crypto';
import type { PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import type { Phase } from '../../farm/outcome.ts';
import type { AttemptReport } from '../../protocol/attempt-report.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { CallError } from '../../protocol/call-error.ts';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { Join, Ping } from '../../protocol/join.ts';
import { serveRunner } from '../../protocol/server/runner-server.ts';
import type { RunnerHandlers, RunnerServer } from '../../protocol/server/runner-server.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';

export type StoredPath = { readonly info: PathInfo; readonly nar: Buffer };

export type TestRunnerOptions = {
  readonly storeDirectory: StoreDirectory;
  readonly sharesStore: boolean;
  readonly maxConcurrentDownloads?: number;
  readonly bind?: string;
  readonly tokens?: readonly string[];
  readonly refusesPaths?: boolean;
  /** Nothing is taken before it resolves. */
  readonly holdsPaths?: Promise<void>;
};

/** A runner that remembers what builders tell it, and lets a test wait for it. Its store is in memory. */
export class TestRunner implements AsyncDisposable {
  readonly joins: Join[] = [];
  readonly pings: Ping[] = [];
  readonly phases: { readonly attempt: AttemptUuid; readonly phase: Phase }[] = [];
  readonly reports = new Map<AttemptUuid, AttemptReport>();
  readonly logs = new Map<AttemptUuid, string>();
  /** Dependencies first. */
  readonly store = new Map<StorePath, StoredPath>();
  /** How many calls each handler got. */
  readonly calls = new Map<string, number>();
  tunnel: RunnerTunnel | undefined;
  readonly #orders = new Map<AttemptUuid, BuildOrder>();
  readonly #options: TestRunnerOptions;
  #news = Promise.withResolvers<void>();
  #server: RunnerServer | undefined;

  private constructor(options: TestRunnerOptions) {
    this.#options = options;
  }

  static async start(options: TestRunnerOptions): Promise<TestRunner> {
    const runner = new TestRunner(options);
    runner.#server = await serveRunner({
      handlers: runner.#handlers(),
      bind: options.bind ?? '127.0.0.1:0',
      tokens: () => options.tokens ?? null,
      storeDirectory: options.storeDirectory,
    });
    return runner;
  }

  get endpoint(): string {
    return this.#server?.endpoint ?? '';
  }

  /** Resolves with what `look` finds, as soon as it finds something in what builders told. */
  async until<Found>(look: () => Found | undefined | null | false): Promise<Found> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null && found !== false) return found;
      await this.#news.promise;
    }
  }

  /** Sends an order to the builder that joined last; the attempt's name. */
  async order(order: Omit<BuildOrder, 'attempt' | 'fence'>): Promise<AttemptUuid> {
    const attempt = newAttempt();
    const tunnel = await this.until(() => this.tunnel);
    const whole = { ...order, attempt, fence: 1 };
    this.#orders.set(attempt, whole);
    await tunnel.send({ type: 'build', order: whole });
    return attempt;
  }

  /** Sends an order once more. */
  async repeat(attempt: AttemptUuid): Promise<void> {
    const order = this.#orders.get(attempt);
    if (order !== undefined) await this.tunnel?.send({ type: 'build', order });
  }

  reportOf(attempt: AttemptUuid): Promise<AttemptReport> {
    return this.until(() => this.reports.get(attempt));
  }

  phasesOf(attempt: AttemptUuid): Phase[] {
    return this.phases.filter((one) => one.attempt === attempt).map(({ phase }) => phase);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #count(call: string): void {
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
  }

  #note(attempt: AttemptUuid, phase: Phase): void {
    this.phases.push({ attempt, phase });
    this.#tell();
  }

  #complete(report: AttemptReport): void {
    this.reports.set(report.attempt, report);
    this.#tell();
  }

  #handlers(): RunnerHandlers {
    return {
      openTunnel: (join) => ({
        accept: {
          maxConcurrentDownloads: this.#options.maxConcurrentDownloads ?? 5,
          sharesStore: this.#options.sharesStore,
          takenBack: [],
          leaseSeconds: 0,
        },
        converse: (tunnel) => this.#converse(join, tunnel),
        ended: () => {
          this.tunnel = undefined;
          this.#tell();
        },
      }),
      receiveLog: async ({ attempt, data }) => {
        this.#count('receiveLog');
        if (attempt === null) return;
        this.logs.set(attempt, '');
        this.#tell();
        for await (const piece of data) {
          const text = Buffer.from(piece).toString('latin1');
          this.logs.set(attempt, (this.logs.get(attempt) ?? '') + text);
          this.#tell();
        }
      },
      receivePaths: async (paths) => {
        this.#count('receivePaths');
        if (this.#options.refusesPaths === true) throw new CallError('internal', 'no space left');
        await this.#options.holdsPaths;
        await paths.importEach(async (info, nar) => {
          this.store.set(info.path, { info, nar: await gather(nar) });
        });
      },
      updateStep: ({ attempt, phase }) => {
        this.#count('updateStep');
        this.#note(attempt, phase);
      },
      completeBuild: async (report) => {
        this.#count('completeBuild');
        this.#complete(report);
      },
      fetchRequisites: async (paths) => {
        this.#count('fetchRequisites');
        return this.#closure(paths);
      },
      hasPath: async (path) => {
        this.#count('hasPath');
        return this.store.has(path);
      },
      fetchPaths: async (paths) => {
        this.#count('fetchPaths');
        const found = paths.map((path) => this.store.get(path));
        if (found.includes(undefined)) throw new CallError('not-found', 'it is not there');
        return {
          infos: found.flatMap((one) => (one === undefined ? [] : [one.info])),
          nar: ({ path }) => onePiece(this.store.get(path)?.nar ?? Buffer.alloc(0)),
        };
      },
    };
  }

  async #converse(join: Join, tunnel: RunnerTunnel): Promise<void> {
    this.joins.push(join);
    this.tunnel = tunnel;
    this.#tell();
    for await (const message of tunnel.messages) {
      if (message.type === 'ping') this.pings.push(message.ping);
      else if (message.type === 'step-update') {
        this.#note(message.update.attempt, message.update.phase);
      } else {
        this.#complete(message.report);
        await tunnel.send({ type: 'completed', attempt: message.report.attempt });
      }
      this.#tell();
    }
  }

  #closure(roots: readonly StorePath[]): StorePath[] {
    const wanted = new Set(roots);
    for (const { info } of [...this.store.values()].reverse()) {
      if (wanted.has(info.path)) for (const path of info.references) wanted.add(path);
    }
    return [...this.store.keys()].filter((path) => wanted.has(path));
  }
}

function newAttempt(): AttemptUuid {
  const attempt = parseAttemptUuid(randomUUID());
  if (attempt === null) throw new Error('the system made a UUID that is none');
  return attempt;
}

async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const gathered: Uint8Array[] = [];
  for await (const piece of pieces) gathered.push(piece);
  return Buffer.concat(gathered);
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
