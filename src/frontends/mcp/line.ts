/** From a tool's input to the command line that it means. What a caller may not name is refused here; nothing is run. */
import type { Option } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import type { Context } from '../../flags/context.ts';
import { type FlagFacts, factsOf, namesPath } from '../../flags/flag-option.ts';
import { compare, parseDecimal } from '../../money/decimal.ts';
import { checkPath, isAddress } from '../../work/input/allowed-paths.ts';
import type { McpFlags } from './options.ts';
import { firstByteOf, type Serving, within } from './serving.ts';
import type { Tool, ToolInput } from './tool.ts';

type PathDeps = Pick<Deps, 'files' | 'workingDirectory' | 'path'>;

/** The options of a command as it declares them, by their long names. */
export type Declared = ReadonlyMap<string, Option>;

export async function declaredOptions({ words }: Tool, context: Context): Promise<Declared> {
  const [first = '', ...below] = words;
  let command = await context.declare(first);
  for (const word of below)
    command = command?.commands.find((found) => found.name() === word) ?? null;
  return new Map(command?.options.map((option) => [option.long ?? option.flags, option]));
}

/** The command line of an input that was checked. `wait`: seconds. */
export function lineOf(
  tool: Tool,
  given: ToolInput,
  wait: number,
  declared: Declared,
  serving: Serving,
): string[] {
  const { flags } = serving;
  const input = tool.arrange?.(given) ?? given;
  const options = Object.entries(tool.options).flatMap(([field, name]) =>
    optionWords(name, input[field], declared),
  );
  const words = tool.positional.flatMap((field) =>
    input[field] === undefined ? [] : [asText(String(input[field]))],
  );
  return [
    ...tool.words,
    ...gatewayFlags(tool, serving),
    ...(tool.paid ? moneyFlags(flags, given) : []),
    ...(tool.waits ? [`--wait=${wait}`] : []),
    ...tool.fixed,
    ...options,
    '--json',
    '--',
    ...words,
  ];
}

function optionWords(name: string, value: unknown, declared: Declared): string[] {
  if (value === undefined) return [];
  if (value === false) return [name.replace('--', '--no-')].filter((off) => declared.has(off));
  if (value === true) return [name];
  if (!Array.isArray(value)) return [`${name}=${value}`];
  const isOne = factsFor(name, declared).names === 'models' && value.length > 0;
  return isOne ? [`${name}=${value.join(',')}`] : value.map((one) => `${name}=${one}`);
}

/** An option that its command does not have would pass every check here. */
function factsFor(name: string, declared: Declared): FlagFacts {
  const option = declared.get(name);
  if (option === undefined) throw new Error(`${name} is not declared`);
  return factsOf(option);
}

/** A lone dash is text here: on a command line it would be standard input. */
function asText(word: string): string {
  return word === '-' ? ' -' : word;
}

function gatewayFlags(tool: Tool, { flags, own, timeouts }: Serving): string[] {
  const given = {
    '--gateway': own?.gateway ?? flags.gateway,
    '--base-url': own?.baseUrl ?? flags.baseUrl,
    '--timeout': within(timeouts.totalMs, flags),
    '--connect-timeout': flags.connectTimeout,
    // Media jobs keep no total for a question on its way.
    '--first-byte-timeout': firstByteOf(timeouts.firstByteMs, flags, tool),
    '--idle-timeout': flags.idleTimeout,
    '--max-retry-wait': flags.maxRetryWait,
  };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
}

/** What holds for all calls of the server; the tags and the dry run of a call come with its own options. */
function moneyFlags({ tag = [], dryRun, maxCost, hold }: McpFlags, given: ToolInput): string[] {
  const most = smaller(maxCost, given.max_cost);
  return [
    ...tag.map((name) => `--tag=${name}`),
    ...(dryRun ? ['--dry-run'] : []),
    ...(most === undefined ? [] : [`--max-cost=${most}`]),
    ...(hold === undefined ? [] : [`--hold=${hold}`]),
  ];
}

/** Of two amounts; undefined: unlimited. */
function smaller(one: string | undefined, other: unknown): string | undefined {
  if (typeof other !== 'string') return one;
  const [a, b] = [parseDecimal(one ?? ''), parseDecimal(other)];
  return a !== null && b !== null && compare(a, b) < 0 ? one : other;
}

/** `deps.workingDirectory`: where paths count from, and end. Throws `CliError` usage for a path or text that is not allowed. */
export async function checkInput(
  tool: Tool,
  input: ToolInput,
  declared: Declared,
  { flags, directory }: Serving,
  deps: PathDeps,
): Promise<void> {
  // To a host, the working directory is where the host was started; ours may be another one.
  const rules = {
    way: [say(`name a file in ${directory}`), say('start the server with --allow-paths')],
    allow: say('give --allow-paths'),
    place: directory,
    move: 'start the server with -o <directory>',
  };
  for (const [field, name] of Object.entries(tool.options)) {
    const facts = factsFor(name, declared);
    for (const value of valuesOf(input[field])) {
      if (facts.names === 'text or @file' && value.startsWith('@')) throw notText(field);
      if (!namesPath(facts) || (facts.names === 'file or address' && isAddress(value))) continue;
      if (value === '-') throw notFile(field);
      if (flags.allowPaths) continue;
      await checkPath(value, field, rules, deps);
    }
  }
}

function valuesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

function notText(field: string): CliError {
  return new CliError('usage', `${field} begins with @, which would read a file`, {
    code: 'bad_input',
    next: say('give the text itself, or put a blank before the @'),
  });
}

/** On a command line it is standard input or output, and here that is the protocol. */
function notFile(field: string): CliError {
  return new CliError('usage', `${field}: - is not a valid file here`, {
    code: 'bad_input',
    next: say('name a file'),
  });
}
