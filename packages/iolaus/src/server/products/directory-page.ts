import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RequestContext } from '../http/context.ts';
import { productPolicy } from '../http/headers.ts';
import { escapeHtml } from '../http/html.ts';
import { redirect } from '../http/redirect.ts';

// More than anybody reads; the folder of all of nixpkgs' outputs has that many.
const entriesMax = 5000;

/** Lists a folder, or goes to its `index.html`. */
export async function answerDirectory(
  context: RequestContext,
  path: string,
  title: string,
): Promise<Response> {
  const entries = await readdir(path, { withFileTypes: true });
  const { outgoing, incoming } = context.env;
  if (entries.some((entry) => entry.name === 'index.html' && entry.isFile())) {
    return redirect(context, `${context.req.path}index.html`);
  }
  outgoing.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': productPolicy,
    'cache-control': 'no-cache',
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : listingHtml(title, entries));
  return RESPONSE_ALREADY_SENT;
}

function listingHtml(title: string, entries: readonly Dirent[]): string {
  const items = [...entries]
    .sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || (a.name < b.name ? -1 : 1))
    .slice(0, entriesMax)
    .map((entry) => itemHtml(entry));
  const leftOut = entries.length - items.length;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>body { font: 14px/1.6 system-ui, sans-serif; margin: 24px; overflow-wrap: anywhere } ul { list-style: none; padding: 0 }</style>
<h1>${escapeHtml(title)}</h1>
<ul>${items.join('\n')}</ul>
${items.length === 0 ? '<p>This folder is empty.</p>' : ''}
${leftOut > 0 ? `<p>and ${leftOut} more</p>` : ''}
</html>
`;
}

function itemHtml(entry: Dirent): string {
  const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
  const address = `./${encodeURIComponent(entry.name)}${entry.isDirectory() ? '/' : ''}`;
  return `<li><a href="${escapeHtml(address)}">${escapeHtml(name)}</a></li>`;
}
