const hashAndDash = /^[0-9a-z]{32}-/;
const version = /-(?![A-Za-z])[^-]*/;
/** What is fetched is no sibling of what is built from it, however alike their names are. */
const fetched = /(\.tar)?\.(gz|xz|bz2|zst|tgz|zip|crate|gem|jar|patch|diff|whl|rpm|deb)$/;

/**
 * What a derivation is called whatever its version: `firefox` of `HASH-firefox-127.0.2.drv`. Nix's rule: the version
 * begins at the first dash that no letter follows.
 */
export function packageName(derivation: string): string {
  const name = derivation.replace(hashAndDash, '').replace(/\.drv$/, '');
  const ending = fetched.exec(name)?.[0] ?? '';
  const start = version.exec(name)?.index ?? name.length;
  const plain = name.slice(0, Math.min(start, name.length - ending.length));
  return plain === '' ? name : plain + ending;
}

/** The name is that of an archive or a patch, which is fetched and not built. */
export function isFetched(name: string): boolean {
  return name === 'source' || fetched.test(name);
}
