/** Lets one process at a time write a record: a lock that the operating system drops when its holder dies. */
import { openConnection, sqliteCode } from './database.ts';
import { preparePrivateFile } from './record-file.ts';

/** Throws one line when somebody else holds it. Returns the way to let go. */
export function lockRecord(file: string): () => void {
  const path = `${file}-lock`;
  preparePrivateFile(path);
  const connection = openConnection(path, { readOnly: false, busyTimeoutMs: 0 });
  try {
    // An empty database that is never written: only the lock on its file counts.
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) {
      throw new Error(`the record ${file} is in use by another gateway; each needs a file of its own`, {
        cause: error,
      });
    }
    throw error;
  }
  return () => {
    connection.close();
  };
}
