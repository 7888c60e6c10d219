import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { Fault } from '../fault/fault.ts';
import {
  parseConfiguration,
  readConfiguration,
  readConfigurationIfPresent,
} from './configuration.ts';

const schema = z.strictObject({
  maxJobs: z.number().int().min(1).default(4),
  systems: z.array(z.string()).optional(),
  endpoint: z.url().optional(),
  sortBy: z.enum(['speed', 'cores']).default('speed'),
  store: z.string().startsWith('s3://').optional(),
  interval: z
    .number()
    .refine((value) => value % 2 === 0, 'an even number')
    .optional(),
  cache: z.strictObject({ url: z.string(), level: z.number().optional() }).optional(),
});

function faultOf(text: string): Fault {
  try {
    parseConfiguration('farm.toml', text, schema);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}

function assertFault(text: string, sentence: string, remedy: string): void {
  const fault = faultOf(text);
  assert.equal(fault.code, 'bad-configuration');
  assert.equal(fault.message, sentence);
  assert.equal(fault.remedy, remedy);
}

test('what a file says is taken, and what it leaves out has its default', () => {
  const read = parseConfiguration('farm.toml', 'maxJobs = 9\n[cache]\nurl = "x"', schema);
  assert.deepEqual(read, { maxJobs: 9, sortBy: 'speed', cache: { url: 'x' } });
});

test('an unknown key is named with its line and the known key nearest to it', () => {
  assertFault(
    'maxJobs = 2\nmax_job = 3',
    'farm.toml, line 2: there is no setting max_job',
    'Perhaps maxJobs was meant.',
  );
  assertFault(
    '[cache]\nurl = "x"\nlevle = 3',
    'farm.toml, line 3: there is no setting cache.levle',
    'Perhaps cache.level was meant.',
  );
});

test('an unknown key that is near to none is answered with all that there are', () => {
  assertFault(
    '[cache]\nurl = "x"\nbananas = 3',
    'farm.toml, line 3: there is no setting cache.bananas',
    'Remove it. The settings here are level, url.',
  );
});

test('a value of the wrong type is repeated, with what would be right', () => {
  assertFault(
    '# four\nmaxJobs = "four"',
    'farm.toml, line 2: maxJobs is the text "four"',
    'maxJobs should be a number.',
  );
  assertFault(
    'maxJobs = 0.5',
    'farm.toml, line 1: maxJobs is the number 0.5',
    'maxJobs should be a whole number.',
  );
  assertFault(
    'maxJobs = 0',
    'farm.toml, line 1: maxJobs is the number 0',
    'maxJobs should be at least 1.',
  );
  assertFault(
    'sortBy = "size"',
    'farm.toml, line 1: sortBy is the text "size"',
    'sortBy should be one of "speed", "cores".',
  );
  assertFault(
    'interval = 3',
    'farm.toml, line 1: interval is the number 3',
    'interval should be an even number.',
  );
});

test('a URL that is none is told as such', () => {
  assertFault(
    'endpoint = "farm at home"',
    'farm.toml, line 1: endpoint is the text "farm at home"',
    'endpoint should be a URL, such as "http://host:port".',
  );
  assertFault(
    'store = "http://x"',
    'farm.toml, line 1: store is the text "http://x"',
    'store should be a text that starts with "s3://".',
  );
});

test('a password in a URL is not repeated', () => {
  const { message } = faultOf('sortBy = "postgres://me:secret@host/db"');
  assert.doesNotMatch(message, /secret/);
  assert.match(message, /host/);
});

test('the line of a value that goes on for several lines is its first', () => {
  assertFault(
    'maxJobs = 1\n\nsystems = [\n  "a",\n  3,\n]\n',
    'farm.toml, line 3: systems[1] is the number 3',
    'systems[1] should be a text in double quotes.',
  );
});

test('a key that is missing is told with the line of its table', () => {
  assertFault(
    'maxJobs = 1\n[cache]\nlevel = 2',
    'farm.toml, line 2: cache.url is missing',
    'Add cache.url, which should be a text in double quotes.',
  );
});

test('all mistakes of a file are told at once', () => {
  assertFault(
    'maxJobs = "x"\nsort = "y"',
    'farm.toml has 2 mistakes: line 1: maxJobs is the text "x"; line 2: there is no setting sort',
    'maxJobs should be a number.\nPerhaps sortBy was meant.',
  );
});

test('what is not TOML is told with line and column', () => {
  const fault = faultOf('maxJobs = 1\nsystems = [ 1,,2 ]');
  assert.equal(fault.code, 'bad-configuration');
  assert.match(fault.message, /^farm\.toml, line 2: this is not TOML: /);
  assert.match(fault.remedy ?? '', /column \d+/);
});

test('a file that was named but does not exist is a fault', () => {
  assert.throws(
    () => readConfiguration('/nowhere/farm.toml', schema),
    (error) => error instanceof Fault && error.code === 'no-such-file' && error.exitStatus === 2,
  );
});

test('a folder is not taken for a file', () => {
  assert.throws(
    () => readConfiguration(tmpdir(), schema),
    (error) => error instanceof Fault && error.code === 'no-such-file',
  );
});

test('a file that need not be there counts when it is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  try {
    const file = join(folder, 'farm.toml');
    assert.equal(readConfigurationIfPresent(file, schema).maxJobs, 4);
    writeFileSync(file, 'maxJobs = 8');
    assert.equal(readConfigurationIfPresent(file, schema).maxJobs, 8);
    assert.equal(readConfiguration(file, schema).maxJobs, 8);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
