import fc from 'fast-check';
import { LocalStack } from '../support/local-stack.ts';
import { answerTo, type HostileCall, hostileAdminCall, hostileClick, hostileFile, hostilePostback, hostileToken } from './hostile-calls.ts';
import { type HostileWorld, hostileWorld } from './hostile-world.ts';
import type { FuzzOptions } from './pure.ts';

/** The number of calls to one world. What they spoil (a paused publisher, a rule that rejects) disappears with it. */
const perWorld = 400;
const atOnce = 6;

const anyCall = (world: HostileWorld): fc.Arbitrary<HostileCall> =>
  fc.oneof(
    { arbitrary: hostileAdminCall(world), weight: 12 },
    { arbitrary: hostileClick(world.campaign), weight: 4 },
    { arbitrary: hostilePostback(world.campaign), weight: 2 },
    { arbitrary: hostileFile(world.campaign), weight: 1 },
    { arbitrary: hostileToken, weight: 1 },
  );

/**
 * Sends anything at all to every public function, on the real emulators. No answer may be 500 or higher, no function may log an error, and
 * each operation of the admin API must succeed at least once, if there are enough calls.
 */
export async function shootAtEveryAddress({ seed, runs }: FuzzOptions): Promise<void> {
  const stack = await LocalStack.startOwn({ environment: { RATE_PER_KEY: '1000000', RATE_PER_UNKNOWN_ADDRESS: '1000000' } });
  const done = new Set<string>();
  const declared = new Set<string>();
  try {
    for (let from = 0; from < runs; from += perWorld) {
      const world = await hostileWorld(stack);
      for (const operation of world.operations.keys()) declared.add(operation);
      const calls = fc.sample(anyCall(world), { seed: seed + from, numRuns: Math.min(perWorld, runs - from) });
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
            const { status } = await answerTo(stack, call);
            if (status < 300 && call.operation !== undefined) done.add(call.operation);
          }
        }),
      );
    }
    const complaint = (['receiver', 'tracker', 'admin', 'authorizer'] as const)
      .flatMap((name) => stack.system.log(name))
      .find((line) => /"level":"ERROR"|thread ended/.test(line));
    if (complaint !== undefined) throw new Error(`a function complained: ${complaint}`);
    const idle = [...declared].filter((operation) => !done.has(operation));
    if (runs >= 4_000 && idle.length > 0) throw new Error(`the calls show nothing of ${idle.join(', ')}`);
  } finally {
    await stack.stop();
  }
}
