import assert from 'node:assert/strict';
import { z } from 'zod';

export const object = z.record(z.string(), z.unknown());
export const list = z.array(object);

/** The JSON that a path answers with; it has to go well. */
export async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(url + path);
  assert.equal(response.status, 200, path);
  assert.equal(response.headers.get('content-type'), 'application/json');
  return response.json();
}

export const post = (url: string, body: unknown, token?: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
