import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { BuildId } from '../../farm/identity.ts';
import { compress } from '../../cache/compression/compress.ts';
import { ask } from '../testing/ask.ts';
import { listen } from '../testing/listen.ts';
import type { Listening } from '../testing/listen.ts';
import { storeHash } from '../testing/scene.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

const bzip2 = { compression: 'bzip2', level: null, sizeInBytes: 15, parallel: false } as const;

// In a suite, so that the server is gone before its database.
suite('logs over the network', () => {
  let served: ServedScene;

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  type RunningStep = { readonly build: BuildId; readonly number: number; readonly path: string };

  /** A build of that name with a running step of that name. */
  async function runStep(name: string): Promise<RunningStep> {
    const [build] = await served.scene.queue([name], name);
    assert.ok(build);
    const number = await served.scene.startStep(build, name);
    return { build, number, path: `/api/v2/builds/${build}/steps/${number}/log` };
  }

  const finish = ({ build, number }: RunningStep): Promise<void> =>
    served.scene.finishStep(build, number, 'succeeded');

  const follow = (
    step: RunningStep,
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Listening<string | null>> =>
    listen<string | null>(served.server.url, `${step.path}/live${query}`, headers);

  test('the log of a step is plain text, whole, and can do nothing in a browser', async () => {
    const step = await runStep('plain');
    await served.scene.writeLog('plain', 'one\n<script>alert(1)</script>\n');
    const { status, text, headers } = await ask(served.server.url, step.path);
    assert.equal(status, 200);
    assert.equal(text, 'one\n<script>alert(1)</script>\n');
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.match(String(headers['content-security-policy']), /sandbox/);
    const packed = await ask(served.server.url, step.path, {
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.equal(gunzipSync(packed.body).toString(), text);
  });

  test('the end of a log can be had without the rest', async () => {
    const step = await runStep('long');
    await served.scene.writeLog('long', `${'x'.repeat(100_000)}the end`);
    const headers = { range: 'bytes=-7', 'accept-encoding': 'gzip' };
    const part = await ask(served.server.url, step.path, { headers });
    assert.equal(part.status, 206);
    assert.equal(part.text, 'the end');
    assert.equal(part.headers['content-range'], 'bytes 100000-100006/100007');
    const beyond = await ask(served.server.url, step.path, { headers: { range: 'bytes=200000-' } });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers['content-range'], 'bytes */100007');
  });

  test('a step without a log says so', async () => {
    const step = await runStep('silent');
    const { status, text } = await ask(served.server.url, step.path);
    assert.equal(status, 404);
    assert.match(text, /has left no log/);
  });

  test('a link in the log directory is no log', async () => {
    const step = await runStep('linked');
    await served.scene.writeLog('beside', 'made the folder');
    const place = join(
      served.logDirectory,
      storeHash.slice(0, 2),
      `${storeHash.slice(2)}-linked.drv`,
    );
    await symlink('/etc/hostname', place);
    assert.equal((await ask(served.server.url, step.path)).status, 404);
  });

  test('a log is told as it grows, and its end when the step has ended', async () => {
    const step = await runStep('growing');
    await served.scene.writeLog('growing', 'one\n');
    const log = await follow(step);
    assert.equal(log.response.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.deepEqual(await log.next(), { event: 'text', id: '4', data: 'one\n' });
    await served.scene.appendLog('growing', '\x1b[31mzwölf\x1b[0m\n');
    assert.deepEqual(await log.next(), { event: 'text', id: '20', data: '\x1b[31mzwölf\x1b[0m\n' });
    await finish(step);
    assert.deepEqual(await log.next(), { event: 'end', id: '', data: null });
    assert.equal(await log.next(), undefined);
  });

  test('who was cut off goes on where the last event ended', async () => {
    const step = await runStep('resumed');
    await served.scene.writeLog('resumed', 'one\n');
    const first = await follow(step);
    const event = await first.next();
    first.leave();
    await served.scene.appendLog('resumed', 'two\n');
    const second = await follow(step, { 'last-event-id': event?.id ?? '' }, '?offset=0');
    assert.deepEqual(await second.next(), { event: 'text', id: '8', data: 'two\n' });
    second.leave();
    const third = await follow(step, {}, '?offset=4');
    assert.deepEqual(await third.next(), { event: 'text', id: '8', data: 'two\n' });
    third.leave();
  });

  test('a place that is no number is refused', async () => {
    const step = await runStep('odd-offset');
    for (const offset of ['-1', 'x', '1e9', '99999999999999999']) {
      const { status } = await ask(served.server.url, `${step.path}/live?offset=${offset}`);
      assert.equal(status, 400, offset);
    }
  });

  test('a later attempt voids what was told of an earlier one', async () => {
    const step = await runStep('again');
    await served.scene.writeLog('again', 'a first attempt\n');
    const log = await follow(step);
    await log.next();
    await served.scene.writeLog('again', 'a second\n');
    assert.deepEqual(await log.next(), { event: 'reset', id: '0', data: null });
    assert.deepEqual(await log.next(), { event: 'text', id: '9', data: 'a second\n' });
    log.leave();
  });

  test('the log of a step that ended long ago comes whole, and ends', async () => {
    const step = await runStep('over');
    await served.scene.writeLog('over', 'all there is');
    await finish(step);
    const log = await follow(step);
    assert.deepEqual(await log.next(), { event: 'text', id: '12', data: 'all there is' });
    assert.deepEqual(await log.next(), { event: 'end', id: '', data: null });
  });

  test('a reader who takes nothing holds up the reading of the log, not the server', async () => {
    const step = await runStep('slow');
    const megabytes = 16;
    await served.scene.writeLog('slow', Buffer.alloc(megabytes * 1024 * 1024, 'x'));
    await finish(step);
    const { hostname, port } = new URL(served.server.url);
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write(`GET ${step.path}/live HTTP/1.1\r\nhost: x\r\n\r\n`);
    // It reads the first bytes, and then no more until others have been served.
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    for (let times = 0; times < 20; times += 1) await ask(served.server.url, '/api/v2/builds');
    const held = process.memoryUsage().arrayBuffers + process.memoryUsage().external - before;
    assert.ok(held < (megabytes / 2) * 1024 * 1024, `${held} bytes are held`);
    let bytes = 0;
    socket.resume();
    for await (const piece of socket) {
      bytes += piece.length;
      if (String(piece.subarray(-200)).includes('event: end')) break;
    }
    assert.ok(bytes > megabytes * 1024 * 1024 * 0.99, `${bytes} bytes came`);
  });

  test('lines come as spans and nothing else, whatever a build says', async () => {
    const step = await runStep('rendered');
    const hostile = `\x1b[31m<script>alert(1)</script>\x1b]8;;javascript:x\x07l\u202e\0\nred "still"`;
    await served.scene.writeLog('rendered', `${'plain\n'.repeat(700)}${hostile}`);
    const asked = await ask(served.server.url, `${step.path}/lines?from=701&form=html`);
    assert.deepEqual(JSON.parse(asked.text), {
      from: 701,
      style: '',
      lines: [
        '<span class="ansi-red-fg">&lt;script&gt;alert(1)&lt;/script&gt;l\ufffd␀</span>',
        '<span class="ansi-red-fg">red &quot;still&quot;</span>',
      ],
    });
  });

  test('a log grows with its outline, which is empty before it begins', async () => {
    const step = await runStep('outlined');
    const outline = async (): Promise<object> =>
      JSON.parse((await ask(served.server.url, `${step.path}/outline`)).text);
    const nothing = { lines: 0, offset: 0, style: '', bytes: 0, isOver: false, phases: [] };
    assert.deepEqual(await outline(), nothing);
    await served.scene.writeLog('outlined', 'one\nRunning phase: buildPhase\nand');
    const phases = [{ name: 'buildPhase', line: 2 }];
    const some = { lines: 2, offset: 30, style: '', bytes: 33, phases };
    assert.deepEqual(await outline(), { ...some, isOver: false });
    await finish(step);
    assert.deepEqual(await outline(), { ...some, lines: 3, isOver: true });
  });

  test('a log that a Hydra of old compressed reads as any other', async () => {
    const step = await runStep('old');
    const file = served.scene.logFile('old');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.bz2`, compress([Buffer.from('from years ago\n')], bzip2));
    await finish(step);
    assert.equal((await ask(served.server.url, step.path)).text, 'from years ago\n');
    const found = await ask(served.server.url, `${step.path}/search?text=YEARS`);
    assert.deepEqual(JSON.parse(found.text), { lines: [1], next: null });
  });
});
