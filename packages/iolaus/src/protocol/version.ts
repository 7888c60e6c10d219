/** What we say in CheckVersion: Hydra's release and a hash over two of its .proto files. */
export const protocolVersion = '0.1.0-5f82f0f0';

/**
 * Versions whose builders upload outputs as today's do: they say how large an archive is, and put nothing where
 * something is. To older ones an address for one request would be no good.
 */
export const uploadingVersions: ReadonlySet<string> = new Set([protocolVersion, '0.1.0-dffd1b61']);

/**
 * Versions that one code path serves: those before ours, newest first, only lack optional fields. Still older ones give
 * other meanings to the same field numbers.
 */
export const spokenVersions: ReadonlySet<string> = new Set([
  ...uploadingVersions,
  '0.1.0-1fa9cfca',
  '0.1.0-66f988cf',
  '0.1.0-59464d83',
  '0.1.0-8c5cd0d8',
  '0.1.0-6ae91f1c',
]);

/** The dialect of our own additions, the fields numbered from 100; 0 for a peer that has none. */
export const ourDialect = 1;

/** What Hydra's runner and builder take and send at most in one message. */
export const messageLimitBytes = 52_428_800;
