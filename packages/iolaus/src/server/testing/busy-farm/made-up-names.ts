import { createHash } from 'node:crypto';

const packages = [
  'glibc-2.40',
  'gcc-14.2.0',
  'llvm-19.1.7',
  'rustc-1.84.0',
  'openssl-3.4.1',
  'python3-3.13.1',
  'systemd-257.2',
  'qtbase-6.8.1',
  'chromium-132.0',
  'firefox-134.0',
  'linux-6.12.9',
  'perl-5.40',
  'curl-8.11.1',
  'git-2.47.1',
  'nix-2.26.0',
  'coreutils-9.5',
  'bash-5.2',
  'zlib-1.3.1',
  'sqlite-3.48.0',
  'postgresql-17.2',
  'nodejs-22.13.0',
  'ffmpeg-7.1',
  'cmake-3.31.4',
  'mesa-24.3',
];

/** The name of a package; after two dozen they have numbers. */
export function packageNamed(number: number): string {
  const name = packages[number % packages.length] ?? '';
  const round = Math.floor(number / packages.length);
  return round === 0 ? name : name.replace('-', `-plugin${round}-`);
}

/** The base name of its derivation, whose digest is never the same twice. */
export function derivationNamed(number: number): string {
  const digest = createHash('sha1').update(`step ${number}`).digest();
  const letters = '0123456789abcdfghijklmnpqrsvwxyz';
  let hash = '';
  for (let index = 0; index < 32; index++) {
    hash += letters[((digest[index % 20] ?? 0) + index) % letters.length];
  }
  return `${hash}-${packageNamed(number)}.drv`;
}
