/** The failures that the sandbox shows on demand: their names, how to read them from a flag, and which of them hit a request. It sends nothing. */
import { closestMatch } from 'leven';
import { CliError } from '../errors.ts';

/** Every fault, with one sentence for the help. */
export const faultNames = {
  'rate-limit': 'Answers 429 rate_limited with Retry-After: 1.',
  upstream: 'Answers 503 all_providers_failed.',
  'server-error': 'Answers 500 in the error envelope.',
  'bad-gateway': 'Answers 502 with the HTML page of a proxy.',
  'gateway-timeout': 'Answers 504 with the HTML page of a proxy.',
  'bad-key': 'Answers 401 invalid_api_key.',
  'no-balance': 'Answers 402 insufficient_balance.',
  forbidden: 'Answers 403 forbidden.',
  'not-found': 'Answers 404 model_not_found.',
  rejected: 'Answers 400 invalid_request.',
  'content-policy': 'Answers 400 upstream_content_violation.',
  html: 'Answers 200 with an HTML page.',
  'envelope-200': 'Answers 200 with a JSON error envelope.',
  redirect: 'Answers 307 to /elsewhere.',
  hang: 'Accepts the request and never answers.',
  'lost-reply': 'Reads the request, then drops the connection.',
  'content-filter': 'Ends the answer early with finish_reason content_filter.',
  length: 'Ends the answer early with finish_reason length.',
  'cut-stream': 'Sends some text, then drops the connection.',
  'no-done': 'Sends some text, then ends with no finish_reason and no [DONE].',
  empty: 'Answers 200 and ends at once with nothing.',
  'stream-error': 'Sends some text, then an error event.',
  'error-first': 'Answers 200 with an error as the only event.',
  stall: 'Sends some text, then nothing until the client leaves.',
  'bad-json': 'Sends some text, then a data line that is not JSON.',
  'comments-only': 'Sends a keep-alive comment each 100 ms, for ever.',
  slow: 'Waits 150 ms between pieces.',
  crlf: 'Ends lines with CRLF.',
  'byte-by-byte': 'Sends a few bytes at a time and cuts UTF-8 characters.',
  'no-cost': 'Leaves the cost comment out.',
  'bad-cost': 'Sends a cost comment whose cost is not a number.',
  'late-cost': 'Sends the cost comment 300 ms after [DONE].',
  'tool-call': 'Answers with a tool call.',
  'cut-tool-call': 'Answers with a tool call whose arguments are cut off.',
  escape: 'Puts terminal escape sequences and bidi overrides into the answer.',
  big: 'Makes the answer about 1 MB long.',
} as const satisfies Record<string, string>;

export type FaultName = keyof typeof faultNames;

export interface Fault {
  name: FaultName;
  /** How many requests it hits; Infinity when not limited. */
  remaining: number;
}

/** These are an HTTP error in place of any answer; they hit the model list too. */
export const errorFaults = [
  'rate-limit',
  'upstream',
  'server-error',
  'bad-gateway',
  'gateway-timeout',
  'bad-key',
  'no-balance',
  'forbidden',
  'not-found',
  'rejected',
  'content-policy',
] as const satisfies readonly FaultName[];

/** These take the place of the whole reply, before the request is looked at. */
export const replacingFaults = [
  ...errorFaults,
  'html',
  'envelope-200',
  'redirect',
  'hang',
  'lost-reply',
] as const satisfies readonly FaultName[];

/** These break an answer; only one of them can, the others change how it looks and go together. */
export const breakingFaults = [
  'cut-stream',
  'no-done',
  'empty',
  'stream-error',
  'error-first',
  'stall',
  'bad-json',
  'comments-only',
] as const satisfies readonly FaultName[];

export type ErrorFault = (typeof errorFaults)[number];
export type ReplacingFault = (typeof replacingFaults)[number];
export type BreakingFault = (typeof breakingFaults)[number];
export type ShapingFault = Exclude<FaultName, ReplacingFault | BreakingFault>;

/**
 * Reads `rate-limit` (every request) or `rate-limit:2` (the next two).
 * Throws CliError `usage` that names the nearest known fault, or all of them.
 */
export function parseFault(text: string): Fault {
  const [name = '', count, ...rest] = text.split(':');
  if (!isFaultName(name)) {
    const known = Object.keys(faultNames);
    const nearest = closestMatch(name, known, { maxDistance: 3 });
    const hint = nearest ? `did you mean ${nearest}?` : `known faults: ${known.join(', ')}`;
    throw new CliError('usage', `no fault is called ${JSON.stringify(name)}`, { hint });
  }
  if (count === undefined) return { name, remaining: Infinity };
  if (rest.length > 0 || !/^[1-9]\d{0,8}$/.test(count)) {
    const hint = `write ${name}, or ${name}:2 for the next two requests`;
    throw new CliError('usage', `bad number of requests in fault ${JSON.stringify(text)}`, {
      hint,
    });
  }
  return { name, remaining: Number(count) };
}

/** The first fault among `names` that still hits, counted down; null when none does. */
export function takeFirst<Name extends FaultName>(
  faults: readonly Fault[],
  names: readonly Name[],
): Name | null {
  for (const fault of faults) {
    const name = names.find((candidate) => candidate === fault.name);
    if (name === undefined || fault.remaining <= 0) continue;
    fault.remaining -= 1;
    return name;
  }
  return null;
}

/** Every fault that only shapes the answer and still hits, each counted down. */
export function takeShaping(faults: readonly Fault[]): ReadonlySet<ShapingFault> {
  const taken = new Set<ShapingFault>();
  for (const fault of faults) {
    const { name } = fault;
    if (fault.remaining <= 0 || !isShaping(name) || taken.has(name)) continue;
    fault.remaining -= 1;
    taken.add(name);
  }
  return taken;
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultNames, name);
}

function isShaping(name: FaultName): name is ShapingFault {
  const others: readonly FaultName[] = [...replacingFaults, ...breakingFaults];
  return !others.includes(name);
}
