/** A string in Nix's syntax; no character in it means anything but itself. */
export function printNixString(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, String.raw`\$&`)}"`;
}
