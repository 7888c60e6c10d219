/**
 * What a step says of its failure, without what stands beside it anyway: `Build of '/nix/store/….drv' failed: ` in
 * front.
 */
export function tellError(message: string): string {
  return message.replace(/^Build of '[^']*' failed:\s*/, '');
}
