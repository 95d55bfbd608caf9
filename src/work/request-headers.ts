/** Builds the headers of every request to a gateway. It adds no key that it is not given. */

/** `key` null: the gateway needs none. */
export function requestHeaders(
  key: string | null,
  stream: boolean,
  version: string,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (key !== null) headers.authorization = `Bearer ${key}`;
  headers['content-type'] = 'application/json';
  headers.accept = stream ? 'text/event-stream, application/json' : 'application/json';
  // A compressed stream arrives late, and fetch treats a truncated one as complete.
  headers['accept-encoding'] = 'identity';
  headers['user-agent'] = `alltoken-cli/${version}`;
  return headers;
}
