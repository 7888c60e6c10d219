/** `@iolaus/client`: here its sources, which Node runs as they are. */
export * from '../../../client/src/index.ts';
