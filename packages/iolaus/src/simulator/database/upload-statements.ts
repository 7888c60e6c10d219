import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { uploadKey } from './tables.ts';
import type { UploadRow } from './tables.ts';

/** Who wants it again has it tried again. */
export function insertUploads({ transaction, tables }: Scene, given: Parameters): object[] {
  for (const store of given.texts(0)) {
    for (const [row, derivation] of given.texts(1).entries()) {
      const outputs = given.text(2, row).split(' ').filter(Boolean);
      const wanted = { store, derivation, outputs };
      const id = transaction.get(tables.uploads, uploadKey(wanted))?.id ?? tables.nextUpload();
      const afresh = { tries: 0, notBefore: 0, isGivenUp: false };
      transaction.put(tables.uploads, { ...wanted, id, ...afresh });
    }
  }
  return [];
}

export function readDueUploads({ transaction, tables }: Scene, given: Parameters): object[] {
  const [now, limit] = [given.number(0), given.number(3)];
  const stores = new Set(given.texts(1));
  const except = new Set(given.numbers(2));
  const due = [...transaction.rows(tables.uploads)].filter(
    ({ id, store, notBefore, isGivenUp }) =>
      !isGivenUp && notBefore <= now && stores.has(store) && !except.has(id),
  );
  return due.toSorted((one, other) => one.id - other.id).slice(0, limit);
}

export function deleteUpload(scene: Scene, given: Parameters): object[] {
  const row = findUpload(scene, given.number(0));
  if (row !== undefined) scene.transaction.remove(scene.tables.uploads, uploadKey(row));
  return [];
}

export function postponeUpload(scene: Scene, given: Parameters): object[] {
  const row = findUpload(scene, given.number(0));
  if (row === undefined) return [];
  scene.transaction.put(scene.tables.uploads, {
    ...row,
    tries: row.tries + 1,
    notBefore: given.number(1),
    isGivenUp: given.boolean(3),
  });
  return [];
}

function findUpload({ transaction, tables }: Scene, id: number): UploadRow | undefined {
  return [...transaction.rows(tables.uploads)].find((row) => row.id === id);
}
