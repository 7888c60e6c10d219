import { record } from '../wire/composite.ts';
import { path } from '../wire/layout.ts';
import { noReply, operation } from './operation.ts';

/** The archive follows where a reply would. */
export const narFromPath = operation('NarFromPath', 38, {
  data: () => 'archive',
  request: record({ path }),
  reply: noReply,
});
