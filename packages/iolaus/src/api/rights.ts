/**
 * What a caller may do. `read` has everybody, for what is not hidden; `restart`, `cancel`, `bump` and `evaluate` are Hydra's
 * roles and belong to members of a project inside it; `operate` is for machines and shares.
 */
export const rights = ['read', 'bump', 'cancel', 'restart', 'operate', 'own-account'] as const;

export type Right = (typeof rights)[number];
