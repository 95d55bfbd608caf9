/** Several streams of events as one, each event as soon as it comes. */

type Events<T> = AsyncGenerator<T, void, undefined>;

/** At most `limit` of them run at a time. When one throws, or nobody listens any more, all are ended. */
export async function* mergeAll<T>(sources: readonly Events<T>[], limit: number): Events<T> {
  const waiting = [...sources];
  const running = new Map<
    Events<T>,
    Promise<{ source: Events<T>; step: IteratorResult<T, void> }>
  >();
  const advance = (source: Events<T>): void => {
    running.set(
      source,
      source.next().then((step) => ({ source, step })),
    );
  };
  try {
    for (;;) {
      while (running.size < limit) {
        const next = waiting.shift();
        if (next === undefined) break;
        advance(next);
      }
      if (running.size === 0) return;
      const { source, step } = await Promise.race(running.values());
      if (step.done) running.delete(source);
      else {
        yield step.value;
        advance(source);
      }
    }
  } finally {
    await Promise.allSettled([...running.keys()].map((source) => source.return()));
  }
}
