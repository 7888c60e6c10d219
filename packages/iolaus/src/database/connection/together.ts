/**
 * Waits for statements of one transaction that do not need each other's answers: sent one behind the other, they cost one
 * way to the server and back, and it takes them in the order in which they were sent. Throws what went wrong first, but only
 * when all of them have ended: none is left to begin something after the transaction.
 */
export async function together<const Parts extends readonly Promise<unknown>[]>(
  parts: Parts,
): Promise<{ -readonly [Part in keyof Parts]: Awaited<Parts[Part]> }> {
  let failure: { readonly error: unknown } | undefined;
  const noted = parts.map((part) => part.catch((error: unknown) => (failure ??= { error })));
  await Promise.all(noted);
  if (failure !== undefined) throw failure.error;
  return Promise.all(parts);
}
