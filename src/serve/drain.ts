/** Waits for a client that reads slowly. */
import type { ServerResponse } from 'node:http';

/** Resolves when there is room for more, or nobody reads any more. */
export async function untilDrained(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
