import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { arch, env, platform } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nix's programs in a folder of their own. */
export type NixPrograms = { readonly folder: string; readonly version: string };

/** A stable release, so that the tests do not change under us. Its Nix is 2.26. */
const defaultSuite = 'trixie';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const programs = ['nix', 'nix-build', 'nix-daemon', 'nix-instantiate', 'nix-store'];
/** Some hundred packages of 40 MB in all take a few seconds; who is slower than this goes without. */
const patienceInMilliseconds = 120_000;
/** Who had no network should not wait for it again at once. */
const retryAfterMilliseconds = 3_600_000;

/**
 * A newer Nix than a machine with Debian 12 has: the package of a later Debian release, with the libraries that it
 * needs, fetched by apt-get as an ordinary user and unpacked into the user's cache. Nothing is installed.
 *
 * Null, and nothing is fetched, where that is not allowed (`IOLAUS_TEST_DOWNLOADS=no`), this is not Debian, or there is
 * no network. `IOLAUS_TEST_DEBIAN` names another release, such as `sid`.
 */
export async function findNewerNix(
  suite = env['IOLAUS_TEST_DEBIAN'] ?? defaultSuite,
): Promise<NixPrograms | null> {
  const folder = join(cacheFolder(), `nix-of-debian-${suite}-${arch}`);
  if (!existsSync(folder) && !(await fetchOnce(suite, folder))) return null;
  const { stdout } = await run(join(folder, 'bin/nix'), ['--version']);
  return { folder: join(folder, 'bin'), version: stdout.trim().split(' ').at(-1) ?? '' };
}

function cacheFolder(): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'iolaus');
}

async function fetchOnce(suite: string, folder: string): Promise<boolean> {
  if (env['IOLAUS_TEST_DOWNLOADS'] === 'no' || platform !== 'linux') return false;
  const failure = `${folder}.failure`;
  if (await isYoungerThan(failure, retryAfterMilliseconds)) return false;
  await mkdir(cacheFolder(), { recursive: true });
  const workshop = await mkdtemp(`${folder}.`);
  try {
    await unpack(await download(workshop, suite), join(workshop, 'nix'), folder);
    await rename(join(workshop, 'nix'), folder);
  } catch (error) {
    // Somebody else may have been faster.
    if (!existsSync(folder)) await writeFile(failure, String(error));
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return existsSync(folder);
}

async function isYoungerThan(file: string, milliseconds: number): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < milliseconds;
}

/** Has apt-get work in a folder of its own, as if nothing were installed, and returns the packages it fetched. */
async function download(workshop: string, suite: string): Promise<string[]> {
  for (const name of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(workshop, name), { recursive: true });
  await writeFile(join(workshop, 'status'), '');
  await writeFile(
    join(workshop, 'debian.sources'),
    `Types: deb\nURIs: ${await debianMirror()}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`,
  );
  await writeFile(join(workshop, 'apt.conf'), aptConfiguration(workshop));
  const options = {
    env: { PATH: env['PATH'] ?? '', APT_CONFIG: join(workshop, 'apt.conf') },
    timeout: patienceInMilliseconds,
    maxBuffer: 16 * 1024 * 1024,
  };
  await run('apt-get', ['update'], options);
  await run('apt-get', ['install', '--yes', '--download-only', 'nix-bin'], options);
  return globSync(join(workshop, 'cache/archives/*.deb'));
}

function aptConfiguration(workshop: string): string {
  return `
    Dir::State "${workshop}";
    Dir::State::lists "${workshop}/lists";
    Dir::State::status "${workshop}/status";
    Dir::Cache "${workshop}/cache";
    Dir::Etc::SourceList "${workshop}/debian.sources";
    Dir::Etc::SourceParts "/dev/null";
    Dir::Log "${workshop}";
    APT::Sandbox::User "";
    APT::Install-Recommends "false";
    Acquire::Languages "none";
    Acquire::Retries "0";
    Acquire::http::Timeout "10";
    Acquire::https::Timeout "10";
    Debug::NoLocking "true";
  `;
}

/** Where this machine gets its own packages from. Fails where it is not Debian. */
async function debianMirror(): Promise<string> {
  if (!/^ID=debian$/m.test(await readFile('/etc/os-release', 'utf8')))
    throw new Error('Only on Debian does apt-get know a mirror of Debian');
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const mirror = stdout.split('\n').find((uri) => /^https?:.*\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new Error('apt-get knows no mirror of Debian');
  return mirror;
}

/** The programs with their libraries and their loader: they need nothing of this machine's. */
async function unpack(packages: readonly string[], target: string, home: string): Promise<void> {
  const root = join(target, 'root');
  await mkdir(root, { recursive: true });
  for (const each of packages) await run('dpkg-deb', ['--extract', each, root]);
  for (const unneeded of [
    'etc',
    'var',
    'usr/share',
    'usr/sbin',
    ...globSync('usr/lib/*/perl*', { cwd: root }),
  ])
    await rm(join(root, unneeded), { recursive: true, force: true });
  const [loader] = globSync('usr/lib/*/ld-linux-*.so.*', { cwd: root });
  if (loader === undefined) throw new Error('The packages bring no loader');
  await mkdir(join(target, 'bin'));
  for (const program of programs) {
    const wrapper = join(target, 'bin', program);
    await writeFile(wrapper, wrapperOf(home, loader));
    await chmod(wrapper, 0o755);
  }
  const [command = '', ...parameters] = commandOf(root, loader, 'nix');
  await run(command, [...parameters, '--version']);
}

/** Nix is one program that looks at the name it was called by. */
function commandOf(root: string, loader: string, name: string): string[] {
  const libraries = join(root, loader, '..');
  const nix = join(root, 'usr/bin/nix');
  return [join(root, loader), '--argv0', name, '--library-path', libraries, nix];
}

/** Nix starts itself for some things, and would find the loader. */
function wrapperOf(home: string, loader: string): string {
  const command = commandOf(join(home, 'root'), loader, '"$0"');
  return `#!/bin/sh\nNIX_BIN_DIR=${home}/bin exec ${command.join(' ')} "$@"\n`;
}
