import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a directory for this process alone, for as long as it lives: the lock goes with the process, even if it is killed,
 * which a file with a process number in it would not.
 *
 * @returns what gives it back.
 * @throws Error when another process has it.
 */
export function lockDirectory(directory: string): () => void {
  const database = new DatabaseSync(join(directory, 'lock.db'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new Error(`${directory} is in use by another run; stop that one, or choose another DATA_DIR`, { cause: error });
  }
  return () => database.close();
}
