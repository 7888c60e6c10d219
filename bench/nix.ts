import { measureArchives } from './nix/archives.ts';
import { measureDaemon } from './nix/daemon.ts';
import { measureDerivations } from './nix/derivations.ts';
import type { BenchReport } from './report.ts';

/** Nix's formats and its daemon, each measured beside its rival where it has one. */
export async function measureNix(): Promise<BenchReport> {
  const derivations = measureDerivations();
  const daemon = await measureDaemon();
  const archives = await measureArchives();
  return {
    bench: 'nix',
    figures: { ...archives.figures, ...derivations.figures, ...daemon.figures },
    explanation: [archives, derivations, daemon].map((part) => part.explanation).join('\n'),
  };
}
