/** Does what it is given, in turn. */
export type Lane = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets so many things go on at a time; the others wait in line. */
export function atMost(limit: number): Lane {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => void waiting.push(go));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
