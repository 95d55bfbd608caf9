/** The headers of every request to a gateway. */

/** `key` null: the gateway needs none and gets none. */
export function requestHeaders(
  key: string | null,
  stream: boolean,
  version: string,
): Record<string, string> {
  return {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream, application/json' : 'application/json',
    // A compressed stream arrives late, and fetch ends a cut one as if it were whole.
    'accept-encoding': 'identity',
    'user-agent': `alltoken-cli/${version}`,
  };
}
