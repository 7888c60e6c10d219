import type { BenchReport } from './report.ts';
import { measureDaemon } from './nix/daemon.ts';
import { measureDerivations } from './nix/derivations.ts';

/** Nix's formats and its daemon, each measure beside its rival where it has one. */
export async function measureNix(): Promise<BenchReport> {
  const parts = [await measureDerivations(), await measureDaemon()];
  return {
    bench: 'nix',
    figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
    explanation: parts.map(({ explanation }) => explanation).join('\n'),
  };
}
