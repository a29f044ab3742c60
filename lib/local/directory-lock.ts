import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { unusable } from './unusable-file.ts';

const busy = /database is locked/;

/**
 * Locks a directory for this process alone, for as long as the process lives. The lock ends with the process, even if it is killed; a file
 * with a process id in it would stay behind.
 *
 * @returns a function that releases the lock.
 * @throws Error when another process has the lock, or when the lock file cannot be used.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'lock.db');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('BEGIN EXCLUSIVE');
    const taken = database;
    return () => taken.close();
  } catch (error) {
    database?.close();
    const message = error instanceof Error ? error.message : String(error);
    if (!busy.test(message)) throw unusable(file, message);
    throw new Error(`DATA_DIR=${directory} is in use by another run of this system. Stop that one, or choose another DATA_DIR.`, {
      cause: error,
    });
  }
}
