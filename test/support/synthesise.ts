import { synthesise } from '../../lib/local/assembly.ts';

/** Synthesises the app once before all tests, instead of once per worker at the same time. */
export default async function setUp(): Promise<void> {
  await synthesise('dev');
}
