/** Runs several pieces of work at the same time, and tells what they tell as it comes. It decides nothing about how they end. */

/** One outcome for each piece, in the order given. When the reader leaves early, all of them are ended. */
export async function* together<E, T>(
  pieces: readonly AsyncGenerator<E, T, undefined>[],
): AsyncGenerator<E, PromiseSettledResult<T>[], undefined> {
  const outcomes: PromiseSettledResult<T>[] = [];
  const next = (index: number): Promise<Step<E, T>> => {
    const piece = pieces[index];
    if (piece === undefined) throw new RangeError('no such piece');
    return piece.next().then(
      (result) => ({ index, result }),
      (reason: unknown) => ({ index, reason }),
    );
  };
  const running = new Map(pieces.map((_, index) => [index, next(index)]));
  try {
    while (running.size > 0) {
      const step = await Promise.race(running.values());
      if ('result' in step && !step.result.done) {
        running.set(step.index, next(step.index));
        yield step.result.value;
      } else {
        running.delete(step.index);
        outcomes[step.index] =
          'result' in step
            ? { status: 'fulfilled', value: step.result.value as T }
            : { status: 'rejected', reason: step.reason };
      }
    }
    return outcomes;
  } finally {
    for (const index of running.keys())
      void pieces[index]?.return(undefined as never).catch(() => {});
  }
}

type Step<E, T> =
  | { index: number; result: IteratorResult<E, T> }
  | { index: number; reason: unknown };
