/** Something that a daemon, or a builder, is at. Paths are as the daemon prints them, in full. */
export type Activity =
  | {
      readonly type: 'copy-path';
      readonly path: string;
      readonly from: string;
      readonly to: string;
    }
  | { readonly type: 'file-transfer'; readonly uri: string }
  | { readonly type: 'build'; readonly derivation: string; readonly machine: string }
  | { readonly type: 'substitute'; readonly path: string; readonly substituter: string }
  | { readonly type: 'query-path-info'; readonly path: string; readonly uri: string }
  | { readonly type: 'post-build-hook'; readonly derivation: string }
  /** A derivation became another one, now that its inputs are known. */
  | { readonly type: 'resolved'; readonly derivation: string; readonly resolved: string }
  /** Waits for a lock that another build has, or for a machine. */
  | { readonly type: 'build-waiting' }
  | { readonly type: 'realise' }
  | { readonly type: 'copy-paths' }
  | { readonly type: 'builds' }
  | { readonly type: 'optimise-store' }
  | { readonly type: 'verify-paths' }
  | { readonly type: 'fetch-tree' }
  | { readonly type: 'other' };

/**
 * What a daemon tells while it works. Activities have ids and the ids of those that they are part of, 0 for none;
 * what happens in one names it. Ids pass 2^53.
 */
export type DaemonEvent =
  /** The daemon itself has something to say: text with colours, mostly whole lines. */
  | { readonly type: 'text'; readonly text: Uint8Array }
  | {
      readonly type: 'activity-started';
      readonly id: bigint;
      readonly parent: bigint;
      /** 0 for errors to 7 for vomit: who wants to see it. */
      readonly level: number;
      readonly text: string;
      readonly activity: Activity;
    }
  | { readonly type: 'activity-stopped'; readonly id: bigint }
  /** A line of a builder, or of a post-build hook, without its newline. Any bytes. */
  | {
      readonly type: 'log-line';
      readonly id: bigint;
      readonly line: Uint8Array;
      readonly of: 'builder' | 'post-build-hook';
    }
  /** The builder says which phase it is in. */
  | { readonly type: 'phase'; readonly id: bigint; readonly phase: string }
  | {
      readonly type: 'progress';
      readonly id: bigint;
      readonly done: bigint;
      readonly expected: bigint;
      readonly running: bigint;
      readonly failed: bigint;
    }
  /** How much of a kind of activity is to come; `kind` is its number. */
  | {
      readonly type: 'expected';
      readonly id: bigint;
      readonly kind: bigint;
      readonly count: bigint;
    }
  | { readonly type: 'file-linked'; readonly id: bigint; readonly bytes: bigint }
  | { readonly type: 'untrusted-path'; readonly id: bigint; readonly path: string }
  | { readonly type: 'corrupted-path'; readonly id: bigint; readonly path: string }
  | { readonly type: 'fetch-status'; readonly id: bigint; readonly text: string }
  /** What only newer versions of Nix say. */
  | { readonly type: 'other'; readonly id: bigint; readonly kind: number };

/** Hears events. While a returned promise is pending nothing more is read; an error thrown ends the connection. */
export type EventListener = (event: DaemonEvent) => void | Promise<void>;
