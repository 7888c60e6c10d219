/** What we say in CheckVersion: Hydra's release and a hash over two of its .proto files. */
export const protocolVersion = '0.1.0-5f82f0f0';

/**
 * Versions that one code path serves: the two before ours only lack optional fields. Older ones give other meanings
 * to the same field numbers.
 */
export const spokenVersions: ReadonlySet<string> = new Set([
  protocolVersion,
  '0.1.0-dffd1b61',
  '0.1.0-6ae91f1c',
]);

/** The dialect of our own additions, the fields numbered from 100; 0 for a peer that has none. */
export const ourDialect = 1;

/** What Hydra's runner and builder take and send at most in one message. */
export const messageLimitBytes = 52_428_800;
