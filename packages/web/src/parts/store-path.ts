// Store path names begin with a hash of this many characters and a dash.
const hashLength = 32;

/** `hello-1.0` of `/nix/store/HASH-hello-1.0.drv`: what a person calls it. Other text comes back as it is. */
export function derivationName(path: string): string {
  return (
    baseName(path)
      .slice(hashLength + 1)
      .replace(/\.drv$/, '') || path
  );
}

/** The path in two parts: what is the same for all, and the name that tells it. */
export function splitStorePath(path: string): { readonly prefix: string; readonly name: string } {
  const start = path.lastIndexOf('/') + 1 + hashLength + 1;
  return start >= path.length
    ? { prefix: '', name: path }
    : { prefix: path.slice(0, start), name: path.slice(start) };
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
