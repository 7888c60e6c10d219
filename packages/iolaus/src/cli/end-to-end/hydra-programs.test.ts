import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openOwnDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';

type Program = 'hydra-queue-runner' | 'hydra-builder';

type Running = AsyncDisposable & {
  /** Resolves with all that it has said when that matches. */
  told(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly status: number | null; readonly said: string }>;
};

type ProgramOptions = {
  readonly descriptors?: readonly number[];
  readonly environment?: NodeJS.ProcessEnv;
};

function startProgram(
  program: Program,
  parameters: readonly string[],
  { descriptors = [], environment = {} }: ProgramOptions = {},
): Running {
  const file = fileURLToPath(new URL(`../../../bin/${program}.js`, import.meta.url));
  const names = { LISTEN_FDS: String(descriptors.length), LISTEN_FDNAMES: 'grpc:rest' };
  const without = { HYDRA_DATABASE_URL: undefined, NIX_REMOTE: '' };
  const child = spawn(process.execPath, [file, ...parameters], {
    env: { ...process.env, ...without, ...environment, ...names },
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'close').then(() => ({ status: child.exitCode, said }));
  return {
    ended,
    async told(pattern) {
      while (!pattern.test(said)) {
        const end = await Promise.race([
          once(child.stderr ?? child, 'data').then(() => null),
          ended,
        ]);
        if (end !== null && !pattern.test(said)) assert.fail(`it ended: ${said}`);
      }
      return said;
    },
    signal: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function refused(
  program: Program,
  parameters: readonly string[],
  message: RegExp,
): Promise<void> {
  await using running = startProgram(program, parameters);
  const { status, said } = await running.ended;
  assert.equal(status, 2, said);
  assert.match(said, message);
}

/** A port that somebody else has opened, as a service manager does. */
async function openSocket(): Promise<{
  readonly port: number;
  descriptor(): number;
  give(): void;
}> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const handle: unknown = Reflect.get(server, '_handle');
  const { port }: AddressInfo = Object.assign(
    { port: 0, address: '', family: '' },
    server.address(),
  );
  return {
    port,
    descriptor: () => Number(typeof handle === 'object' && handle && Reflect.get(handle, 'fd')),
    give: () => void server.close(),
  };
}

test("the runner takes sockets that were handed over, Hydra's keys, and changes of them; the next one waits for it to end", async () => {
  await using folder = await openFarmFolder();
  await using server = await openOwnDatabase(join(folder.path, 'd'), join(folder.path, 'r'));
  const data = join(folder.path, 'data');
  const common = `hydraDataDir = "${data}"\ndbUrl = "${server.url}"\n`;
  const config = await folder.write('runner.toml', `${common}enableFodChecker = true\n`);
  const [grpc, rest] = [await openSocket(), await openSocket()];
  await using runner = startProgram(
    'hydra-queue-runner',
    ['--config-path', config, '-r', '-', '-g', '-'],
    { descriptors: [grpc.descriptor(), rest.descriptor()] },
  );
  grpc.give();
  rest.give();
  assert.match(
    await runner.told(/iolaus runner: /),
    /enableFodChecker/,
    'a key without effect is told',
  );
  const answer = await fetch(`http://127.0.0.1:${rest.port}/status/machines`);
  assert.deepEqual(await answer.json(), { machines: {}, machinesCount: 0 });

  await using checked = startProgram('hydra-queue-runner', ['-c', config, '--check']);
  assert.match((await checked.ended).said, /will do, and so will the database/);
  await folder.write('runner.toml', `${common}maxRetries = "many"\n`);
  runner.signal('SIGHUP');
  await runner.told(/maxRetries is the text.*maxRetries should be a number.*stays as it was/);
  await folder.write('runner.toml', `${common}maxRetries = 9\nmaxDbConnections = 7\n`);
  runner.signal('SIGHUP');
  await runner.told(/maxDbConnections[^]*was read again/);
  const places = ['-r', '127.0.0.1:0', '-g', '127.0.0.1:0'];
  await using next = startProgram('hydra-queue-runner', ['-c', config, ...places]);
  await next.told(/another queue runner has the lock .*; it has 10 seconds to end/);
  runner.signal('SIGTERM');
  assert.equal((await runner.ended).status, 0);
  await next.told(/iolaus runner: /);
  next.signal('SIGTERM');
  assert.equal((await next.ended).status, 0);
});

test("a build goes the way of Hydra's own tests: sockets handed over, no queue followed, one build asked for", async () => {
  await using farm = await openLiveFarm();
  const { environment } = farm.daemon;
  const data = join(farm.folder, 'data');
  const [grpc, rest] = [await openSocket(), await openSocket()];
  const flags = ['--data-dir', data, '--db-url', farm.databaseUrl, '-r', '-', '-g', '-'];
  await using runner = startProgram(
    'hydra-queue-runner',
    [...flags, '--disable-queue-monitor-loop'],
    { environment, descriptors: [grpc.descriptor(), rest.descriptor()] },
  );
  grpc.give();
  rest.give();
  await runner.told(/iolaus runner: /);
  const [wanted, other] = [
    await farm.queue('wanted', 'echo built > $out'),
    await farm.queue('other', 'echo built > $out'),
  ];
  const gateway = ['--gateway-endpoint', `http://127.0.0.1:${grpc.port}`];
  await using builder = startProgram('hydra-builder', gateway, { environment });

  const ask = async (path: string, init?: RequestInit): Promise<string> =>
    (await fetch(`http://127.0.0.1:${rest.port}${path}`, init)).text();
  const until = async (path: string, pattern: RegExp): Promise<void> => {
    while (!pattern.test(await ask(path))) await sleep(pollMilliseconds);
  };
  await until('/status/machines', /"hostname"/);
  const body = JSON.stringify({ buildId: wanted.build });
  assert.equal(await ask('/build_one', { method: 'POST', body }), '{}');
  await until(`/status/build/${wanted.build}/active`, /"active":false/);
  assert.equal(await farm.statusOf(wanted.build), 0);
  assert.equal(await ask('/build_one', { method: 'POST', body }), '{}', 'also when it is finished');
  assert.equal(await ask(`/status/build/${other.build}/active`), '{"active":true}');
  builder.signal('SIGUSR2');
  assert.equal((await builder.ended).status, 0, 'with nothing to finish it ends at once');
});

const pollMilliseconds = 50;

test('what keeps others out and cannot be read stops the program', async () => {
  await using folder = await openFarmFolder();
  const missing = join(folder.path, 'missing');
  const config = await folder.write('runner.toml', `tokenPaths = ["${missing}"]\n`);
  const certificates = ['--server-cert-path', '--server-key-path', '--client-ca-cert-path'];
  const none = certificates.flatMap((flag) => [flag, missing]);
  await Promise.all([
    refused('hydra-queue-runner', ['-c', config], /the token file .* cannot be read/),
    refused('hydra-queue-runner', ['-c', missing], /missing does not exist/),
    refused('hydra-queue-runner', ['--server-cert-path', config], /not complete/),
    refused('hydra-queue-runner', none, /missing cannot be read/),
    refused('hydra-builder', ['--authorization-file', missing], /token file .* cannot be read/),
    refused('hydra-builder', ['--domain-name', 'runner'], /not complete/),
    refused('hydra-queue-runner', ['-g', '-'], /no socket 'grpc' was handed/),
  ]);
});

test('both programs say what they are', async () => {
  for (const program of ['hydra-queue-runner', 'hydra-builder'] as const) {
    await using asked = startProgram(program, ['--version']);
    assert.match((await asked.ended).said, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+\n$`));
    await using helped = startProgram(program, ['--help']);
    const { status, said } = await helped.ended;
    assert.equal(status, 0);
    assert.match(said, /--config-path/);
  }
});
