/** Runs several generators at the same time and passes on what each yields as soon as it comes. It starts nothing again. */

type Piece<E, T> = AsyncGenerator<E, T, undefined>;

interface Step<E, T> {
  index: number;
  settled: PromiseSettledResult<IteratorResult<E, T>>;
}

interface MergeOptions<T> {
  /** So many run at a time. */
  limit: number;
  /** How a piece ended; when it throws, the others are ended too. */
  onEnd(index: number, outcome: PromiseSettledResult<T>): void;
  /** Generators still running when the reader stops are ended; true: and awaited. */
  awaitsEnds: boolean;
}

/** All of them, with one outcome for each, in the order given. When the reader leaves early, all are ended, and none is waited for. */
export async function* mergeSettled<E, T>(
  pieces: readonly Piece<E, T>[],
): AsyncGenerator<E, PromiseSettledResult<T>[], undefined> {
  const outcomes: PromiseSettledResult<T>[] = [];
  yield* merge(pieces, {
    limit: Number.POSITIVE_INFINITY,
    onEnd: (index, outcome) => {
      outcomes[index] = outcome;
    },
    awaitsEnds: false,
  });
  return outcomes;
}

/** At most `limit` of them run at a time. When one throws, or the reader leaves, all are ended before this ends. */
export function mergeAll<E>(
  pieces: readonly Piece<E, void>[],
  limit: number,
): AsyncGenerator<E, void, undefined> {
  return merge(pieces, {
    limit,
    onEnd: (_index, outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
    },
    awaitsEnds: true,
  });
}

async function* merge<E, T>(
  pieces: readonly Piece<E, T>[],
  { limit, onEnd, awaitsEnds }: MergeOptions<T>,
): AsyncGenerator<E, void, undefined> {
  const waiting = pieces.entries();
  const running = new Map<number, { piece: Piece<E, T>; step: Promise<Step<E, T>> }>();
  const advance = (index: number, piece: Piece<E, T>): void => {
    const step = Promise.allSettled([piece.next()]).then(([settled]) => ({ index, settled }));
    running.set(index, { piece, step });
  };
  try {
    for (;;) {
      while (running.size < limit) {
        const { value, done } = waiting.next();
        if (done) break;
        advance(...value);
      }
      if (running.size === 0) return;
      const { index, settled } = await Promise.race([...running.values()].map(({ step }) => step));
      if (settled.status === 'fulfilled' && !settled.value.done) {
        yield settled.value.value;
        const same = running.get(index);
        if (same !== undefined) advance(index, same.piece);
        continue;
      }
      running.delete(index);
      onEnd(
        index,
        settled.status === 'fulfilled'
          ? { status: 'fulfilled', value: settled.value.value as T }
          : settled,
      );
    }
  } finally {
    const ends = [...running.values()].map(({ piece }) => piece.return(undefined as never));
    const ended = Promise.allSettled(ends);
    if (awaitsEnds) await ended;
  }
}
