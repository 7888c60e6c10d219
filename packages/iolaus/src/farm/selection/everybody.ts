/** All evaluations as one group: a step may be urgent for the farm as a whole, though for none of them alone. */
export type Everybody = { readonly type: 'everybody' };

export const everybody: Everybody = { type: 'everybody' };
