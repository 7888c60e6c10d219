import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const rooms = readTable();

test('every folder of sources is a room of the table', () => {
  const folders = new Set(sources().map((file) => roomOf(file)));
  folders.delete(undefined);
  // Scenes for tests; no room of the house.
  folders.delete('testing');
  assert.deepEqual(
    [...folders].filter((folder) => !rooms.has(folder ?? '')),
    [],
  );
});

test('a room imports only what the table in ARCHITECTURE.md allows', () => {
  const offences: string[] = [];
  for (const { file, room, target } of crossings()) {
    if (target === 'fault' && !libraries.has(room)) continue;
    if (rooms.get(room)?.has(target) !== true) offences.push(`${file} imports ${target}`);
  }
  assert.deepEqual(offences, []);
});

test("the farm's decisions are the runner's alone: others take its words only", () => {
  const offences = crossings()
    .filter(({ target, room, typesOnly }) => target === 'farm' && !typesOnly && !deciders.has(room))
    .filter(({ path }) => !/farm\/(identity|outcome)\.ts$/.test(path))
    .map(({ file, path }) => `${file} imports ${path}`);
  assert.deepEqual(offences, []);
});

test("the farm and the provisioner's plan touch no clock, no randomness, no promise and no module of Node", () => {
  const forbidden = /\bDate\b|Math\.random|\basync\b|\bawait\b|\bPromise\b|setTimeout|from 'node:/;
  const offences = sources()
    .filter((file) => roomOf(file) === 'farm' || file.includes('/provisioner/plan/'))
    .filter((file) => !file.endsWith('.test.ts'))
    .filter((file) => forbidden.test(withoutComments(readFileSync(join(root, file), 'utf8'))));
  assert.deepEqual(offences, []);
});

// They are published without the rest of the house.
const libraries = new Set(['client', 'nix']);

const deciders = new Set(['runner', 'cli', 'simulator']);

type Crossing = {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly path: string;
  readonly typesOnly: boolean;
};

/** Imports that leave their room. Tests may use the rooms that they need to set a scene. */
function crossings(): Crossing[] {
  return sources()
    .filter((file) => !/\.(test|trial)\.ts$/.test(file) && !file.includes('testing'))
    .flatMap((file) => importsOf(file));
}

function importsOf(file: string): Crossing[] {
  const room = roomOf(file);
  if (room === undefined) return [];
  const text = readFileSync(join(root, file), 'utf8');
  const pattern = /^(?:import|export)\s+(type\s)?[^;']*?from '([^']+)'/gm;
  return [...text.matchAll(pattern)].flatMap(([, typeWord, path = '']) => {
    const target = targetRoom(file, path);
    if (target === undefined || target === room) return [];
    return [{ file, room, target, path, typesOnly: typeWord !== undefined }];
  });
}

function targetRoom(file: string, path: string): string | undefined {
  if (path.startsWith('@iolaus/nix')) return 'nix';
  if (!path.startsWith('.')) return undefined;
  return roomOf(relative(root, resolve(root, dirname(file), path)));
}

function roomOf(file: string): string | undefined {
  const [, workspace, , folder, ...rest] = file.split(sep);
  if (workspace === 'nix' || workspace === 'client') return workspace;
  return workspace === 'iolaus' && rest.length > 0 ? folder : undefined;
}

function sources(): string[] {
  return globSync('packages/{client,nix,iolaus}/src/**/*.ts', { cwd: root }).filter(
    (file) => !file.includes('generated'),
  );
}

/** The table under "Who may import whom". */
function readTable(): Map<string, Set<string>> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const section = text.split('### Who may import whom')[1]?.split('\n## ')[0] ?? '';
  const table = new Map<string, Set<string>>();
  for (const [, room = '', allowed = ''] of section.matchAll(/^\| `([\w-]+)` +\|(.*)\|$/gm)) {
    table.set(room, new Set([...allowed.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)));
  }
  return table;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
