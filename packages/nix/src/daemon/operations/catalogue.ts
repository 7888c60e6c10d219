import {
  addBuildLog,
  addMultipleToStore,
  addTextToStore,
  addToStore,
  addToStoreNar,
} from './additions.ts';
import { narFromPath } from './archive.ts';
import { buildDerivation, buildPaths, buildPathsWithResults } from './build.ts';
import {
  queryDerivationOutputMap,
  queryPathFromHashPart,
  queryReferrers,
  queryValidDerivers,
} from './graph.ts';
import { queryPathInfo } from './path-info.ts';
import { queryRealisation, registerDrvOutput } from './realisations.ts';
import { addIndirectRoot, addPermRoot, addTempRoot, collectGarbage, findRoots } from './roots.ts';
import { setOptions } from './set-options.ts';
import {
  queryMissing,
  querySubstitutablePathInfos,
  querySubstitutablePaths,
} from './substitutes.ts';
import {
  addSignatures,
  ensurePath,
  isValidPath,
  optimiseStore,
  queryAllValidPaths,
  queryValidPaths,
  verifyStore,
} from './validity.ts';

/** All that can be asked of a daemon here. */
export const operations = {
  isValidPath,
  queryValidPaths,
  queryAllValidPaths,
  queryPathInfo,
  queryReferrers,
  queryValidDerivers,
  queryPathFromHashPart,
  queryDerivationOutputMap,
  querySubstitutablePaths,
  querySubstitutablePathInfos,
  queryMissing,
  queryRealisation,
  registerDrvOutput,
  ensurePath,
  addTempRoot,
  addIndirectRoot,
  addPermRoot,
  findRoots,
  collectGarbage,
  addToStore,
  addTextToStore,
  addToStoreNar,
  addMultipleToStore,
  addSignatures,
  addBuildLog,
  narFromPath,
  setOptions,
  buildPaths,
  buildPathsWithResults,
  buildDerivation,
  optimiseStore,
  verifyStore,
} as const;

/** The name of an operation, as in `operations`. */
export type OperationName = keyof typeof operations;
