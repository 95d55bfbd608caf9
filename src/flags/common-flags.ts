/** The flags that every command which talks to a gateway shares, declared once. */
import { InvalidArgumentError } from 'commander';
import { type FlagsOf, flag, flagGroup } from './declare-flags.ts';

/** How results are printed on stdout. */
export type Format = 'text' | 'json' | 'jsonl';

export function formatOf({ json, jsonl }: Pick<OutputFlags, 'json' | 'jsonl'>): Format {
  return json ? 'json' : jsonl ? 'jsonl' : 'text';
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || value > 86_400)
    throw new InvalidArgumentError('Expected seconds, above 0 and up to 86400.');
  return value;
}

function secondsOrZero(text: string): number {
  return text.trim() === '0' ? 0 : seconds(text);
}

export const quietFlag = flag('-q, --quiet', 'print only errors and losses on stderr');
const jsonFlag = flag('--json', 'print one JSON document, also when it fails');
const noteFlags = [
  quietFlag,
  flag('-v, --verbose', 'add request ids, timings and retries'),
  flag('--debug', 'add requests and responses, without the key'),
  flag('--no-color', 'no colour (also: NO_COLOR)'),
] as const;

/** How results and notes are shown. */
export const outputFlags = flagGroup('Output:', jsonFlag, ...noteFlags);

/** As `outputFlags`, of a command that prints its events as well. */
export const eventOutputFlags = flagGroup(
  'Output:',
  jsonFlag,
  flag('--jsonl', 'print one JSON event a line, as they happen', { conflicts: ['json'] }),
  ...noteFlags,
);

/** `color`: false with --no-color. */
export type OutputFlags = FlagsOf<readonly [typeof eventOutputFlags]>;

/** The help of -g. `names`: of the built-in gateways. */
export function gatewayHelp(names: readonly string[]): string {
  const builtIn = names.length === 0 ? 'a built-in one' : names.join(', ');
  return `${builtIn} or one from the config; alltoken config gateways lists them`;
}

export const gatewayFlag = flag(
  '-g, --gateway <name>',
  // Whoever prints the help puts the names in: the table of gateways takes 2 ms, which other starts need not pay.
  gatewayHelp([]),
  { names: 'gateway' },
);

/** Which gateway, and how long to wait for it. */
export const gatewayFlags = flagGroup(
  'Gateway:',
  gatewayFlag,
  flag('--base-url <url>', 'replace the base URL of the gateway', { names: 'address' }),
  flag('--timeout <seconds>', 'stop when the whole call takes longer', { read: seconds }),
  flag('--connect-timeout <seconds>', 'DNS, TCP and TLS together', { read: seconds, usual: '10' }),
  flag('--first-byte-timeout <seconds>', 'from the request to the first byte', {
    read: seconds,
    usual: '120',
  }),
  flag('--idle-timeout <seconds>', 'longest pause in the middle of an answer', {
    read: seconds,
    usual: '60',
  }),
  flag('--max-retry-wait <seconds>', 'longest Retry-After to sleep through', {
    read: secondsOrZero,
    usual: '60',
  }),
);

/** Where a command sends its requests, as it was typed. */
export type GatewayChoice = Partial<Pick<CommonFlags, 'gateway' | 'baseUrl'>>;

/** Durations in seconds. */
export type CommonFlags = FlagsOf<readonly [typeof gatewayFlags, typeof eventOutputFlags]>;
