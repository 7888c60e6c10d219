export { apiRoot, contract } from './contract.ts';
export type { Answer, Asked, Contract, JsonOperation, Operation } from './contract.ts';
export type { Endpoint } from './endpoint.ts';
export { describeApi } from './openapi.ts';
export type { Problem } from './problem.ts';
export { grantable } from './rights.ts';
export type { GrantedRight, Right } from './rights.ts';
export { decision, provisioner } from './shapes/farm.ts';
export { queuedState, reason } from './shapes/queue.ts';
