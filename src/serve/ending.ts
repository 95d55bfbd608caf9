/** Requests to the gateway end with their client, or with the server: whichever is first. */

/** Its controller is aborted with `server`, too, for as long as `work` takes. */
export async function stoppable<T>(
  server: AbortSignal,
  work: (stop: AbortController) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort(server.reason);
  if (server.aborted) end();
  server.addEventListener('abort', end, { once: true });
  try {
    return await work(stop);
  } finally {
    server.removeEventListener('abort', end);
  }
}
