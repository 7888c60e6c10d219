import type { PoolConfiguration } from '../configuration.ts';

/** Tells apart machines that were made by different settings; what only limits their number is none of it. */
export function generationOf(pool: PoolConfiguration): string {
  const { systems, features, mandatoryFeatures, maxJobs, speedFactor, image = '' } = pool;
  return digest(
    JSON.stringify([systems, features, mandatoryFeatures, maxJobs, speedFactor, image]),
  );
}

/** FNV-1a, 32 bits: short enough for a label, and nobody gains by a collision. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
