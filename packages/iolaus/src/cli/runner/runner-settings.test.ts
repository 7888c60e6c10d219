import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../../fault/fault.ts';
import { createLogger } from '../../logging/logger.ts';
import { makeAuthority } from '../../testing/certificates.ts';
import { parseRunnerFlags } from './runner-flags.ts';
import { readRunnerSettings, rereadRunnerSettings } from './runner-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
after(() => rmSync(folder, { recursive: true }));
const logger = createLogger({ program: 'test', level: 'error' });

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const missing = join(folder, 'missing');
const empty = file('empty', ' \n');
const config = join(folder, 'runner.toml');

function read(settings: string, ...words: readonly string[]) {
  writeFileSync(config, settings);
  return readRunnerSettings(parseRunnerFlags(['-c', config, ...words], {}), logger);
}

function refuses(text: RegExp, settings: string, ...words: readonly string[]): void {
  const isRefusal = (error: unknown): boolean =>
    error instanceof Fault && error.exitStatus === 2 && text.test(error.message);
  assert.throws(() => read(settings, ...words), isRefusal, `${settings} ${words.join(' ')}`);
}

test('each file that says who is let in, or signs, has to be there with something in it', () => {
  for (const key of ['tokenPaths', 'emergencyTokenPaths']) {
    refuses(/cannot be read/, `${key} = ["${missing}"]`);
    refuses(/cannot be read/, `${key} = ["${folder}"]`);
    refuses(/is empty/, `${key} = ["${empty}"]`);
    refuses(/is no token/, `${key} = ["${file('lines', 'one\nother')}"]`);
    refuses(/is no token/, `${key} = ["${file('noise', '\u0001\u00ff')}"]`);
    refuses(/cannot be read/, `${key} = ["${file('token', 'sesame')}", "${missing}"]`);
  }
  refuses(/cannot be read/, `joinKeyPath = "${missing}"`);
  refuses(/is empty/, `joinKeyPath = "${empty}"`);
  const store = `s3://cache?secret-key=${missing}`;
  refuses(/^remoteStoreAddr: .*missing/, `remoteStoreAddr = ["${store}"]`);
  refuses(/^overflowStore: .*missing/, `overflowStore = { store = "${store}", jobsets = [] }`);
});

const authority = makeAuthority('the farm');
const [own, foreign] = [authority.issue('runner'), authority.issue('other')];
const certificates = {
  'server-cert-path': file('cert', own.certificate),
  'server-key-path': file('key', own.key),
  'client-ca-cert-path': file('ca', authority.certificate),
};

const flagsWith = (changes: Partial<typeof certificates>): string[] =>
  Object.entries({ ...certificates, ...changes }).flatMap(([name, path]) => [`--${name}`, path]);

test('each certificate and key has to be one, and to belong to the others', () => {
  assert.equal(read('', ...flagsWith({})).tls?.key, own.key.trim());
  for (const name of ['server-cert-path', 'server-key-path', 'client-ca-cert-path'] as const) {
    refuses(/missing cannot be read/, '', ...flagsWith({ [name]: missing }));
    refuses(/empty is empty/, '', ...flagsWith({ [name]: empty }));
  }
  for (const name of ['server-cert-path', 'server-key-path', 'client-ca-cert-path'] as const) {
    refuses(/cannot be used/, '', ...flagsWith({ [name]: file('prose', 'no certificate') }));
  }
  const strange = { 'server-key-path': file('foreign', foreign.key) };
  refuses(/cannot be used/, '', ...flagsWith(strange));
});

test('what is wrong with a file that is read again is found before any of it counts', () => {
  const flags = parseRunnerFlags(['-c', config], {});
  const before = read(`tokenPaths = ["${file('token', 'sesame')}"]`);
  writeFileSync(config, `tokenPaths = []\nremoteStoreAddr = ["s3://cache?compression=zip"]\n`);
  assert.throws(() => rereadRunnerSettings(flags, before, logger), Fault);
  writeFileSync(config, 'tokenPaths = []\nmaxRetries = 9\nmaxDbConnections = 1\n');
  const { configuration, tokens } = rereadRunnerSettings(flags, before, logger);
  assert.deepEqual(
    [configuration.maxRetries, configuration.maxDbConnections, tokens],
    [9, 128, []],
  );
});
