/** All evaluations as one: what none of them alone is pressed for, the farm as a whole may be. */
export type Everybody = { readonly type: 'everybody' };

export const everybody: Everybody = { type: 'everybody' };
