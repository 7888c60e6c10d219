/** Who calls; the token has been checked. */
export type Caller = {
  /** Address and port, or "unix". */
  readonly address: string;
};
