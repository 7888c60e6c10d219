import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { boundAddress, listen, localEndpoint, parseBind } from '../../protocol/bind.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { noticeSource } from './ask-for-notice.ts';
import { watchInterruption } from './interruption.ts';

type Metadata = AsyncDisposable & {
  readonly url: string;
  /** How often it was asked for a notice. */
  readonly asked: number;
  /** What it tells; null: nothing. */
  notice: string | null;
};

/** Amazon's instance metadata service, which tells nobody anything without a token that it has given out. */
async function serveMetadata(): Promise<Metadata> {
  let [asked, tokens] = [0, 0];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const answer = (status: number, text: string): void => {
      response.writeHead(status).end(text);
    };
    if (method === 'PUT' && url === '/latest/api/token') {
      answer(200, `token-${(tokens += 1)}`);
    } else if (headers['x-aws-ec2-metadata-token'] !== `token-${tokens}`) answer(401, '');
    else {
      asked += 1;
      assert.equal(url, '/latest/meta-data/spot/instance-action');
      if (metadata.notice === null) answer(404, 'Not Found');
      else answer(200, metadata.notice);
    }
  });
  await listen(server, parseBind('127.0.0.1:0'));
  const metadata: Metadata = {
    url: localEndpoint(boundAddress(server)),
    notice: null,
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return metadata;
}

const noticeIn = (seconds: number): string =>
  JSON.stringify({ action: 'terminate', time: new Date(Date.now() + 1_000 * seconds) });

const ofMetadata = ({ url }: Metadata) =>
  noticeSource('ec2', { AWS_EC2_METADATA_SERVICE_ENDPOINT: url });

test("Amazon's notice is heard when it comes, and then the builder drains", async () => {
  await using metadata = await serveMetadata();
  const lines: string[] = [];
  const drained = Promise.withResolvers<void>();
  using watch = watchInterruption(ofMetadata(metadata), {
    drain: () => drained.resolve(),
    logger: loggerTo(lines),
    everyMilliseconds: 5,
  });
  await until(async () => metadata.asked > 3);
  metadata.notice = noticeIn(5);
  await drained.promise;
  // There is no time for anything to end by itself.
  await watch.handBack;
  assert.match(lines.join(''), /the provider takes this machine back in [45] s/);
});

test('where nobody answers, or what is told is nonsense, it is said once and asked again', async () => {
  const lines: string[] = [];
  let asked = 0;
  const drained = Promise.withResolvers<void>();
  const ask = async (): Promise<number | null> => {
    asked += 1;
    if (asked < 4) throw new Error('no route to host');
    return asked < 5 ? null : Date.now();
  };
  using watch = watchInterruption(ask, {
    drain: () => drained.resolve(),
    logger: loggerTo(lines),
    everyMilliseconds: 1,
  });
  await drained.promise;
  await watch.handBack;
  assert.equal(lines.filter((line) => line.includes('nobody tells')).length, 1);
  await using metadata = await serveMetadata();
  metadata.notice = '{"action":"terminate"}';
  await assert.rejects(ofMetadata(metadata)(AbortSignal.timeout(1_000)), /time/);
});

test('a command says it by ending well', async () => {
  const { signal } = new AbortController();
  assert.equal(await noticeSource('exit 1', {})(signal), null);
  const at = await noticeSource('exit 0', {})(signal);
  assert.ok(at !== null && at > Date.now() + 100_000);
});

test('what a machine that is taken back cannot finish is built by another one, and is no failure', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const spot = await farm.startBuilder(runner.endpoint, { hostname: 'spot' });
  let isTakenBack = false;
  using watch = watchInterruption(async () => (isTakenBack ? Date.now() : null), {
    drain: () => spot.drain(),
    logger: loggerTo([]),
    everyMilliseconds: 5,
  });
  const began = join(farm.folder, 'began');
  const { build } = await farm.queue('long', `mkdir ${began} && sleep 100; echo > $out`);
  await until(() =>
    access(began).then(
      () => true,
      () => false,
    ),
  );
  isTakenBack = true;
  await watch.handBack;
  await spot.stop();
  await using _steady = await farm.startBuilder(runner.endpoint, { hostname: 'steady' });
  assert.equal(await farm.statusOf(build), 0);
  const machines = (await farm.steps(build)).map(({ machine }) => machine);
  assert.deepEqual(machines, ['spot', 'steady']);
});

test('`iolaus builder --interruption-notice ec2` ends well when its machine is taken back', async () => {
  await using farm = await openLiveFarm();
  await using metadata = await serveMetadata();
  metadata.notice = noticeIn(60);
  const environment = {
    ...farm.daemon.environment,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
  };
  const endpoint = ['--gateway-endpoint', `unix://${farm.folder}/none`];
  await using spot = startIolaus(['builder', ...endpoint, '--interruption-notice', 'ec2'], {
    environment,
  });
  assert.equal((await spot.ended).status, 0);
  assert.equal(metadata.asked, 1);
});

const loggerTo = (lines: string[]) =>
  createLogger({
    program: 'builder',
    level: 'info',
    destination: { isTerminal: false, write: (text) => void lines.push(text) },
  });
