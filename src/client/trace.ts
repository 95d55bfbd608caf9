/** Requests and replies in words, for -v and --debug: without the key, without base64. */
/** What of a request is worth showing. */
interface VisibleRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
}

const SECRET_HEADERS = new Set(['authorization', 'x-api-key', 'cookie', 'set-cookie']);

/** A request as `--debug` and `--dry-run` show it. */
export function describeRequest(call: VisibleRequest): string {
  const lines = Object.entries(visibleHeaders(call.headers)).map(
    ([name, value]) => `> ${name}: ${value}`,
  );
  return [`> POST ${call.url}`, ...lines, `> ${JSON.stringify(visibleBody(call.body))}`].join('\n');
}

/** Headers with the key hidden. */
export function visibleHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SECRET_HEADERS.has(name.toLowerCase())
        ? name.toLowerCase() === 'authorization'
          ? 'Bearer ***'
          : '***'
        : value,
    ]),
  );
}

/** The body with inline files shortened to their type and size. */
export function visibleBody<T>(body: T): T {
  return JSON.parse(
    JSON.stringify(body, (_key, value: unknown) => {
      if (typeof value !== 'string') return value;
      const match = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(value.slice(0, 100));
      return match
        ? `data:${match[1]};base64,… (${value.length - match[0].length} characters)`
        : value;
    }),
  ) as T;
}

/** What came, each line marked. */
export function describeBody(body: string): string {
  return body
    .split('\n')
    .map((line) => `< ${line}`)
    .join('\n');
}

/** Status and request id, one line. */
export function describeAnswer(answer: { status: number; requestId: string | null }): string {
  return `answered ${answer.status}${answer.requestId === null ? '' : ` request_id=${answer.requestId}`}`;
}
