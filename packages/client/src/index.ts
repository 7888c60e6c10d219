export { ApiProblem } from './api-problem.ts';
export { createClient } from './client.ts';
export type { ApiClient, Wanted } from './client.ts';
export type { Answer, JsonOperation, Operation } from './contract/index.ts';
