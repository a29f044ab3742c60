/** A caller that waits for its answer. */
interface Caller<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: (answer: Answer | PromiseLike<Answer>) => void;
  readonly fail: (error: unknown) => void;
}

interface TogetherOptions<Asked, Answer> {
  /** The most callers of one request: with the last of them it leaves at once. */
  readonly most: number;
  /** Runs the request later, which is how long its first caller waits for others. */
  readonly later: (run: () => void) => void;
  /** Answers a caller that no other has joined. */
  readonly alone: (asked: Asked) => Promise<Answer>;
  /** Answers several callers with one request. When it fails, all of them fail. */
  readonly together: (callers: readonly Caller<Asked, Answer>[]) => Promise<void>;
}

/** Joins what callers ask for at nearly the same time into one request. */
export function createTogether<Asked, Answer>(options: TogetherOptions<Asked, Answer>): (asked: Asked) => Promise<Answer> {
  const { most, later, alone, together } = options;
  let waiting: Caller<Asked, Answer>[] = [];
  const run = (): void => {
    const callers = waiting;
    waiting = [];
    const [one, ...others] = callers;
    // A full request leaves before its time, and may leave nobody behind.
    if (one === undefined) return;
    if (others.length === 0) one.answer(alone(one.asked));
    else
      together(callers).catch((error: unknown) => {
        for (const { fail } of callers) fail(error);
      });
  };
  return (asked) =>
    new Promise((answer, fail) => {
      waiting.push({ asked, answer, fail });
      if (waiting.length === most) run();
      else if (waiting.length === 1) later(run);
    });
}
