import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { makeGate } from '../builder/testing/gate.ts';
import { boundAddress, listen, localEndpoint, parseBind } from '../protocol/bind.ts';
import { parseAttemptUuid } from '../protocol/identity.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import type { Join } from '../protocol/join.ts';
import type { Misdeed } from '../runner/builders/refusals.ts';
import { startIolaus } from './iolaus-process.ts';
import { openLiar } from './liar.ts';
import type { Liar } from './liar.ts';
import { openLiveFarm } from './live-farm.ts';
import type { LiveFarm } from './live-farm.ts';

/** Far less than any of the lies would take that is long; a garbage collector may be as late as that. */
const memoryMegabytesMax = 64;

/** A runner, a process of its own, an honest builder with something under way, and whoever lies to the runner. */
export type Court = AsyncDisposable & {
  readonly farm: LiveFarm;
  /** The honest builder's attempt. */
  readonly honest: AttemptUuid;
  readonly liar: (changes?: Partial<Join>) => Liar;
  /** The same on another machine than all others. */
  readonly stranger: (changes?: Partial<Join>) => Liar;
  /** Tries it, and sees that it is refused so often of each kind, and that nothing else has come of it. */
  readonly refuses: (
    counts: Partial<Record<Misdeed, number>>,
    act: () => Promise<void>,
  ) => Promise<void>;
  /** Sees that the honest builder has not noticed anything. */
  close(): Promise<void>;
};

/** @param limits of the runner's configuration */
export async function openCourt(limits: Readonly<Record<string, number>>): Promise<Court> {
  await using opening = new AsyncDisposableStack();
  const farm = opening.use(await openLiveFarm());
  const rest = join(farm.folder, 'rest');
  const config = join(farm.folder, 'runner.toml');
  const lines = Object.entries(limits).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(config, lines.join(''));
  const places = ['--data-dir', farm.folder, '--db-url', farm.databaseUrl, '-c', config];
  const runner = opening.use(
    startIolaus(['runner', ...places, '-g', '127.0.0.1:0', '-r', rest], {
      environment: farm.daemon.environment,
    }),
  );
  const endpoint = /iolaus runner: (\S+)/.exec(await runner.told(/iolaus runner: \S+\n/))?.[1];
  assert.ok(endpoint);
  const elsewhere = opening.use(await relayFromElsewhere(endpoint));
  const { storeDirectory } = farm.daemon.address;
  opening.use(await farm.startBuilder(endpoint));
  const gate = makeGate(farm.folder, 'gate');
  const long = await farm.queue('honest', `echo said; ${gate.wait}; echo > $out`);
  await farm.logGrows(long, 1, 'said\n');
  const [grant] = await farm.database.query<{ uuid: string }>('select uuid from iolaus.grants');
  let bystanders = 0;
  const open = opening.move();
  return {
    farm,
    honest: parseAttemptUuid(grant?.uuid ?? '') ?? assert.fail(),
    liar: (changes) => openLiar(endpoint, storeDirectory, changes),
    stranger: (changes) => openLiar(elsewhere.endpoint, storeDirectory, changes),
    refuses: async (counts, act) => {
      const before = await readRefusals(rest);
      const memory = await watchMemory(runner.pid);
      const bystander = await farm.queue(`bystander-${bystanders++}`, 'echo > $out');
      await act();
      assert.equal(await farm.statusOf(bystander.build), 0);
      const grown = await memory.grownMegabytes();
      assert.ok(grown < memoryMegabytesMax, `the runner has grown by ${grown} MiB`);
      assert.deepEqual(difference(before, await readRefusals(rest)), counts);
    },
    close: async () => {
      await gate.open();
      assert.equal(await farm.statusOf(long.build), 0);
      assert.deepEqual(
        (await farm.steps(long.build)).map(({ status, machine }) => [status, machine]),
        [[0, 'ares']],
      );
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Whoever dials it comes from another address of this machine. */
async function relayFromElsewhere(
  endpoint: string,
): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const port = Number(new URL(endpoint).port);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    sockets.add(near).add(far);
    // Whichever end breaks, so does the other.
    pipeline(near, far, near).catch(() => {});
  });
  await listen(server, parseBind('127.0.0.1:0'));
  return {
    endpoint: localEndpoint(boundAddress(server)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** How often builders were refused something, by kind. */
async function readRefusals(socketPath: string): Promise<Map<string, number>> {
  const page = await new Promise<string>((resolve, reject) => {
    request({ socketPath, path: '/metrics' }, (answer) => resolve(text(answer)))
      .on('error', reject)
      .end();
  });
  const lines = page.matchAll(/^iolaus_refused_total\{kind="(.*)"\} (\d+)$/gm);
  return new Map([...lines].map(([, kind = '', count]) => [kind, Number(count)]));
}

const difference = (before: Map<string, number>, after: Map<string, number>): object =>
  Object.fromEntries(
    [...after]
      .map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const)
      // The farm counts, too, who is late with a report of what has ended.
      .filter(([kind, more]) => more > 0 && kind !== 'attempt-over'),
  );

/** By how much a process grows at most from now on. */
async function watchMemory(pid: number): Promise<{ grownMegabytes(): Promise<number> }> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  const read = async (field: string): Promise<number> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  };
  const before = await read('VmRSS');
  return { grownMegabytes: async () => (await read('VmHWM')) - before };
}
