/** What is being moved just now, for the ping. */
export type PathCounters = {
  substituting: number;
  uploading: number;
  downloading: number;
};

export function newPathCounters(): PathCounters {
  return { substituting: 0, uploading: 0, downloading: 0 };
}

/** Counts some paths until it is disposed, however the work ends. */
export function count(counters: PathCounters, what: keyof PathCounters, paths: number): Disposable {
  counters[what] += paths;
  return {
    [Symbol.dispose]: () => {
      counters[what] -= paths;
    },
  };
}
