/** What the author of a derivation asks of the farm. How they are written: `docs/wishes.md`. */
export type Wishes = {
  /** Once its build may have begun it is not begun again: it works on something that would notice. */
  readonly neverRetry?: boolean;
  /** With one of these the build says that it could go well later. */
  readonly transientExitCodes?: readonly number[];
  /** What it needs at its peak. */
  readonly memoryBytes?: number;
  /** Moving it costs more than building it. */
  readonly prefersLocal?: boolean;
  readonly size?: 'big' | 'small';
};
