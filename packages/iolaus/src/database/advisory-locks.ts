/** Numbers of PostgreSQL's advisory locks: one a purpose, none that Hydra uses. */
export const advisoryLocks = {
  /** Programs that start at once make Hydra's schema one after the other. */
  schema: 7_065_428,
  /** Likewise our own schema. */
  ownSchema: 7_065_429,
  /** Held by the runner that leads. */
  lead: 7_065_430,
  /** Servers that start at once make the triggers of the event log one after the other. */
  eventTriggers: 7_065_431,
  /** Held by whoever sweeps garbage out of caches, for a portion of it. */
  sweep: 7_065_432,
} as const;
