/** A time as Hydra's tables have it: whole seconds since the epoch. Takes milliseconds. */
export function epochSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
