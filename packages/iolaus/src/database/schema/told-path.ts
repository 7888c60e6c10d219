/**
 * For `where`: leaves out rows of outputs whose paths are not known yet, where the table does not take them. Before version 84
 * of Hydra's schema their rows came when the paths did.
 */
export const isToldPath = (table: 'buildoutputs' | 'buildstepoutputs'): string =>
  `path is not null or not (
    select attnotnull from pg_attribute where attrelid = '${table}'::regclass and attname = 'path')`;
