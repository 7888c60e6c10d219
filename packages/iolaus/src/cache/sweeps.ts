/**
 * What those who use a cache and whoever sweeps garbage out of it (`upkeep/sweep-garbage.ts`) tell each other. Garbage
 * goes in portions; before each the sweeper looks once more at what is needed, so that a portion can only hurt who
 * began to need something while it went on.
 */
export type Sweeps = {
  /**
   * Resolves when every portion is over that was begun before the call, with how many there have been. What was seen in
   * a cache at another number may be gone.
   */
  settled(): Promise<number>;
  /**
   * Has objects stay for a day or more, by their keys, to which nothing leads yet. Whether they are still there has to
   * be looked at afterwards.
   */
  spare(keys: readonly string[]): Promise<void>;
};

/** Of a cache that nobody else sweeps. */
export const noSweeps: Sweeps = { settled: async () => 0, spare: async () => {} };
