/** Builds the headers of every request to a gateway. It adds no key that it is not given. */

/** `key` null: the gateway needs none. */
export function requestHeaders(
  key: string | null,
  stream: boolean,
  version: string,
): Record<string, string> {
  return {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream, application/json' : 'application/json',
    // A compressed stream arrives late, and fetch treats a truncated one as complete.
    'accept-encoding': 'identity',
    'user-agent': `alltoken-cli/${version}`,
  };
}
