import type { SeenRequest } from './faulty-server.ts';

const steps = { uploads: 'begin', partNumber: 'part', uploadId: 'end' };

/** The same for all requests that do the same with the same kind of object: `PUT narinfo`, `POST nar begin`. */
export function kindOf({
  method,
  key,
  query,
}: Pick<SeenRequest, 'method' | 'key' | 'query'>): string {
  const objects = /^[^/]+(?=\/)|[^.]+$/.exec(key)?.[0] ?? '';
  const step = Object.entries(steps).find(([name]) => query.has(name))?.[1] ?? '';
  return [method, objects, step].filter((word) => word !== '').join(' ');
}
