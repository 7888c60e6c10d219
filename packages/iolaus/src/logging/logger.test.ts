import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { createLogger } from './logger.ts';
import type { LogLevel } from './logger.ts';

// What colours time, level and names of fields.
const paint = new RegExp(String.raw`\u001B\[\d+m`, 'g');

function openLog(isTerminal: boolean, level: LogLevel = 'debug') {
  const lines: string[] = [];
  const destination = { isTerminal, write: (text: string) => void lines.push(text) };
  return { lines, logger: createLogger({ program: 'builder', level, destination }) };
}

test('each line for a machine is one JSON object with program, level, time and message', () => {
  const { lines, logger } = openLog(false);
  logger.warn({ build: 7 }, 'it takes long');
  const [line = ''] = lines;
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(rest, { level: 'warn', program: 'builder', build: 7, message: 'it takes long' });
  assert.ok(Math.abs(Date.now() - Date.parse(String(time))) < 60_000);
});

test('lines below the level are dropped', () => {
  const { lines, logger } = openLog(false, 'warn');
  logger.debug({}, 'one');
  logger.info({}, 'two');
  assert.deepEqual(lines, []);
  logger.error({}, 'three');
  assert.equal(lines.length, 1);
});

test('an error among the fields is told with its causes', () => {
  const { lines, logger } = openLog(false);
  logger.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed');
  assert.match(lines.join(''), /"error":"outer: inner"/);
});

test('a person reads time, level, program, message and fields', () => {
  const { lines, logger } = openLog(true);
  logger.info({ hostname: 'ares', text: 'two words', count: 3 }, 'joined');
  assert.match(
    stripVTControlCharacters(lines.join('')),
    /^\d\d:\d\d:\d\d info  builder: joined hostname=ares text="two words" count=3\n$/,
  );
});

test('no control character of a field or message reaches the terminal', () => {
  const { lines, logger } = openLog(true);
  logger.info({ name: 'a\u001B]0;title\u0007', other: 'x\u009By' }, 'red \u001B[31m alert\r');
  const [line = ''] = lines;
  const unpainted = line.trimEnd().replaceAll(paint, '');
  assert.doesNotMatch(unpainted, /\p{Cc}/u);
  assert.match(unpainted, /red \\u001b\[31m alert\\u000d/);
});

test('a line is written before the program goes on, even if it ends the hard way', () => {
  const module = fileURLToPath(new URL('logger.ts', import.meta.url));
  const program = `
    const { createLogger } = await import(${JSON.stringify(module)});
    createLogger({ program: 'p', level: 'info' }).info({}, 'last words');
    process.kill(process.pid, 'SIGKILL');`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  assert.match(stderr, /"message":"last words"/);
});
