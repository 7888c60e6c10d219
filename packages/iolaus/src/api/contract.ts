/** API v2 as `@iolaus/client` has it: here its sources, which Node runs as they are. */
export * from '../../../client/src/contract/index.ts';
