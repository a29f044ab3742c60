import { synthesise } from '../../lib/local/assembly.ts';

/** Before any test: one synthesis for all of them, instead of one per worker at the same time. */
export default async function setUp(): Promise<void> {
  await synthesise('dev');
}
