/** The command line that a request becomes: whole words, with `--` before all text. No shell ever sees it. */
import { InvalidArgumentError, type Option } from 'commander';
import { CliError } from '../../errors.ts';
import { type Flag, nameOf } from './flags.ts';
import type { Request } from './read-request.ts';
import { buying } from './rules.ts';

/** Those that `slash` has and only a command that buys does. */
const moneyFlags: ReadonlySet<string> = new Set(['--tag', '--max-cost', '--dry-run']);

export interface Line {
  argv: string[];
  flags: Flag[];
  notes: string[];
}

/** `callers`: what was set outside the message, which the message cannot set again. Throws `CliError` usage. */
export function commandLine(
  request: Request,
  callers: readonly Flag[],
  options: readonly Option[],
): Line {
  const { command } = request;
  const passed = callers.filter((flag) => buying.has(command) || !moneyFlags.has(nameOf(flag)));
  const idle = callers.filter((flag) => !passed.includes(flag)).map(nameOf);
  const notes = idle.map((name) => `${name} says nothing here: alltoken ${command} buys nothing`);
  const missing = passed.find((flag) => !options.some(({ long }) => long === nameOf(flag)));
  if (missing !== undefined)
    throw new CliError('usage', `alltoken ${command} has no ${nameOf(missing)}`, {
      code: 'unsupported',
      hint: nameOf(missing) === '--jsonl' ? 'use --json' : `alltoken ${command} --help`,
    });
  refuseFixed(request.flags, passed);
  const flags = [...passed, ...request.flags];
  checkValues(flags);
  const words = positionals(request);
  const argv = [
    command,
    ...flags.map((flag) => (flag.value === null ? nameOf(flag) : `${nameOf(flag)}=${flag.value}`)),
    ...(words.length === 0 ? [] : ['--', ...words]),
  ];
  return { argv, flags, notes };
}

function refuseFixed(asked: readonly Flag[], passed: readonly Flag[]): void {
  const fixed = new Set(passed.map(({ option }) => option.attributeName()));
  fixed.delete('tag');
  const again = asked.find(({ option }) => fixed.has(option.attributeName()));
  if (again === undefined) return;
  throw new CliError('usage', `${nameOf(again)} is set outside the message already`, {
    code: 'flag_fixed',
    hint: `leave ${nameOf(again)} out of the message`,
  });
}

/** What the command would refuse anyway, said before anything runs: --explain must know it, too. */
function checkValues(flags: readonly Flag[]): void {
  const read = new Map<Option, unknown>();
  for (const flag of flags) {
    const { option, value } = flag;
    if (value === null || option.parseArg === undefined) continue;
    try {
      read.set(option, option.parseArg(value, read.get(option)));
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const message = `${nameOf(flag)} ${JSON.stringify(value)}: ${error.message.replace(/\.$/, '')}`;
      throw new CliError('usage', message, { code: 'invalid_argument' });
    }
  }
}

/** Throws `CliError` usage for a lone `-`: there is no standard input to read. */
function positionals({ command, flags, text, quoted }: Request): string[] {
  if (text === '') return [];
  const words = command === 'cost' ? text.split(/\s+/).filter((word) => word !== '') : [text];
  const hasModel = flags.some((flag) => nameOf(flag) === '--model');
  if (command === 'chat' && !quoted && !hasModel) words.splice(0, 1, ...modelApart(text));
  if (words.includes('-'))
    throw new CliError('usage', 'a lone - is no text', {
      code: 'no_text',
      hint: 'pipe the whole message: alltoken slash -',
    });
  return words;
}

/**
 * The first word by itself where it may be a model, which is for `chat` to decide. It joins words with one blank: where
 * something else is between them, the word must look like an id beyond doubt.
 */
function modelApart(text: string): string[] {
  const [, word = '', blank = ''] = /^(\S{1,200})(\s+)(?=\S)/.exec(text) ?? [];
  const isId = /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/i.test(word);
  const isSure = /\d/.test(word) && /[a-z]/i.test(word) && /[-/]/.test(word);
  if (!isId || (blank !== ' ' && !isSure)) return [text];
  return [word, text.slice(word.length + blank.length)];
}
