import { notFound } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readNumber } from '../http/parameters.ts';
import { logHeaders } from '../http/headers.ts';
import { sendFile } from '../http/send-file.ts';
import { logFilePath, openLog } from '../logs/log-file.ts';
import type { LogHandle } from '../logs/unpacked-logs.ts';

const tailLinesMax = 10_000;
const pieceBytes = 64 * 1024;

/** The log of a derivation, by its base name: all of it, or its last `?tail=N` lines. */
export async function answerDerivationLog(
  context: RequestContext,
  logDirectory: string,
): Promise<Response> {
  const name = context.req.param('derivation') ?? '';
  const lines = readNumber(context.req.query(), 'tail', { least: 1, most: tailLinesMax });
  const path = logFilePath(logDirectory, name);
  const file = path === undefined ? undefined : await openLog(path);
  if (file === undefined) throw notFound(`There is no log of “${name}”.`);
  const { size } = await file.stat();
  const start = lines === undefined ? 0 : await startOfLast(file, size, lines);
  return sendFile(context, { file, start, size, compress: true, headers: logHeaders });
}

/** Where the last `lines` lines of a file begin. */
async function startOfLast(file: LogHandle, size: number, lines: number): Promise<number> {
  const piece = Buffer.alloc(pieceBytes);
  // The newline at the very end ends the last line and begins none.
  let end = Math.max(0, size - 1);
  for (let left = lines; end > 0;) {
    const position = Math.max(0, end - pieceBytes);
    const { bytesRead } = await file.read(piece, 0, end - position, position);
    for (let at = bytesRead - 1; at >= 0; at--) {
      if (piece[at] === 0x0a && --left === 0) return position + at + 1;
    }
    end = position;
  }
  return 0;
}
