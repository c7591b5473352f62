/** Lets one process at a time write a record: a lock that the operating system drops when its holder dies. */
import { openConnection, sqliteCode } from './database.ts';
import { preparePrivateFile } from './record-file.ts';

/** Throws one line when somebody else holds it. Returns the way to let go. */
export function lockRecord(file: string): () => void {
  const path = `${file}-lock`;
  preparePrivateFile(path);
  try {
    const connection = openConnection(path, { readOnly: false, busyTimeoutMs: 0 });
    // An empty database that is never written: only the lock on its file counts, and closing drops it.
    connection.exec('BEGIN EXCLUSIVE');
    return () => {
      connection.close();
    };
  } catch (error) {
    if (!sqliteCode(error)?.startsWith('SQLITE_BUSY')) throw error;
    const message = `the record ${file} is in use by another gateway; each needs a file of its own`;
    throw new Error(message, { cause: error });
  }
}
