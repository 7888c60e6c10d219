/**
 * Writes chunks to standard output, each after the last has gone out, so that chunks may share a buffer.
 * @returns the status to end with: 0, or 1 if the reader of our output went away before its end
 */
export async function writeOut(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  // Errors are told to each write, too; here they would end the program.
  const ignore = (): void => {};
  process.stdout.on('error', ignore);
  try {
    for await (const chunk of chunks) await write(chunk);
    return 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1;
    throw error;
  } finally {
    process.stdout.off('error', ignore);
  }
}

function write(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
