/** A text or value is not what Nix would write: a store path, a hash, a derivation, an archive. */
export class NixFormatError extends Error {
  override readonly name = 'NixFormatError';
}
