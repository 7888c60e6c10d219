import type { StoreDirectory } from '@iolaus/nix';
import type { AttemptTimes, AttemptUse, BuildProduct } from '../../farm/facts.ts';
import { confineProduct } from '../../nix-support/product-path.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import type { AttemptReport, ReportedOutput } from '../../protocol/attempt-report.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { LiveAttempt } from './attempts.ts';

/** What outputs are reported to say of themselves; products that lie elsewhere than in the outputs are left out. */
export function supportsOf(
  { derivation, hostname }: Pick<LiveAttempt, 'derivation' | 'hostname'>,
  reported: ReadonlyMap<string, ReportedOutput>,
  options: { readonly storeDirectory: StoreDirectory; readonly refusals: Refusals },
): ReadonlyMap<string, NixSupport> {
  const { storeDirectory, refusals } = options;
  const paths = [...reported.values()].map(({ path }) => path);
  const confine = (product: BuildProduct): BuildProduct[] => {
    const confined = confineProduct(storeDirectory, paths, product);
    if (confined !== null) return [confined];
    const { storePath, subPath } = product;
    const message = `${hostname} reported a product of ${derivation} at ${storePath}/${subPath}`;
    refusals.note('foreign-product', message);
    return [];
  };
  const supports = new Map<string, NixSupport>();
  for (const [name, { nixSupport }] of reported) {
    if (nixSupport === null) continue;
    supports.set(name, { ...nixSupport, products: nixSupport.products.flatMap(confine) });
  }
  return supports;
}

/** Nix tells the exit code of a failed builder in its message only. */
export function exitCodeIn(message: string | null): { readonly exitCode?: number } {
  const code = / failed with exit code (\d{1,3})\b/.exec(message ?? '')?.[1];
  return code === undefined ? {} : { exitCode: Number(code) };
}

/** Milliseconds; 0 for those that cannot be. */
export function timesOf(report: AttemptReport): AttemptTimes {
  return {
    importMilliseconds: plausible(report.importMilliseconds),
    buildMilliseconds: plausible(report.buildMilliseconds),
    uploadMilliseconds: plausible(report.uploadMilliseconds),
  };
}

/** Amounts that no machine has are taken for not measured. */
export function useOf({
  buildMilliseconds,
  cpuUserMicroseconds: user,
  cpuSystemMicroseconds: system,
  peakMemoryBytes,
}: AttemptReport): AttemptUse {
  const cpuMilliseconds =
    user === null && system === null ? null : ((user ?? 0) + (system ?? 0)) / 1000;
  return {
    cpuMilliseconds: upTo(cpuMilliseconds, coresMax * plausible(buildMilliseconds)),
    peakMemoryBytes: upTo(peakMemoryBytes, memoryBytesMax),
  };
}

const upTo = (amount: number | null, most: number): number | null =>
  amount !== null && amount <= most ? amount : null;

/** More than any machine has. */
const coresMax = 4_096;
const memoryBytesMax = 2 ** 46;

/** A year: a builder that says more has no clock, and its result is as good as any. */
const plausibleMillisecondsMax = 366 * 24 * 3_600_000;

const plausible = (milliseconds: number): number =>
  milliseconds >= 0 && milliseconds <= plausibleMillisecondsMax ? milliseconds : 0;
