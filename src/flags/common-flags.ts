/** The flags that every command which talks to a gateway shares, declared once. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { FlagOption } from './flag-option.ts';

/** How results are printed on stdout. */
export type Format = 'text' | 'json' | 'jsonl';

export function formatOf({ json, jsonl }: Pick<OutputFlags, 'json' | 'jsonl'>): Format {
  return json ? 'json' : jsonl ? 'jsonl' : 'text';
}

export interface OutputFlags {
  json?: boolean;
  jsonl?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  debug?: boolean;
  /** false with --no-color. */
  color: boolean;
}

/** Durations in seconds. */
export interface CommonFlags extends OutputFlags {
  gateway?: string;
  baseUrl?: string;
  timeout?: number;
  connectTimeout?: number;
  firstByteTimeout?: number;
  idleTimeout?: number;
  maxRetryWait?: number;
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

/** How results and notes are shown. */
export function addOutputFlags(command: Command, formats: { jsonl: boolean }): Command {
  command.optionsGroup('Output:').option('--json', 'print one JSON document, also when it fails');
  if (formats.jsonl)
    command.addOption(
      new Option('--jsonl', 'print one JSON event a line, as they happen').conflicts('json'),
    );
  return command
    .option('-q, --quiet', 'nothing on stderr but errors')
    .option('-v, --verbose', 'add request ids, timings and retries')
    .option('--debug', 'add requests and replies, without the key')
    .option('--no-color', 'no colour (also: NO_COLOR)');
}

/** -g. Whoever prints its help offers the names first: loading the table of gateways takes 2 ms, which other starts need not pay. */
export class GatewayOption extends FlagOption {
  constructor() {
    super('-g, --gateway <name>', gatewayHelp([]), { names: 'gateway' });
  }

  offer(names: readonly string[]): void {
    this.description = gatewayHelp(names);
  }
}

function gatewayHelp(names: readonly string[]): string {
  const builtIn = names.length === 0 ? 'a built-in one' : names.join(', ');
  return `${builtIn} or one from the config; alltoken config gateways lists them`;
}

/** Which gateway, and how long to wait for it. */
export function addGatewayFlags(command: Command): Command {
  return command
    .optionsGroup('Gateway:')
    .addOption(new GatewayOption())
    .option('--base-url <url>', 'replace the base URL of the gateway')
    .option('--timeout <seconds>', 'stop when the whole call takes longer', seconds)
    .option('--connect-timeout <seconds>', 'DNS, TCP and TLS together (default: 10)', seconds)
    .option(
      '--first-byte-timeout <seconds>',
      'from the request to the first byte (default: 120)',
      seconds,
    )
    .option('--idle-timeout <seconds>', 'silence in the middle of an answer (default: 60)', seconds)
    .option(
      '--max-retry-wait <seconds>',
      'longest Retry-After to sleep through (default: 60)',
      secondsOrZero,
    );
}
