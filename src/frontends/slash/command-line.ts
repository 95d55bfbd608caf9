/** The command line that a request becomes: whole words, with `--` before all text. No shell ever sees it. */

import type { Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import { namesFile } from '../../work/input/allowed-paths.ts';
import { type Flag, nameOf } from './flag-reader.ts';
import type { Request } from './read-request.ts';
import { buying } from './rights.ts';
import { setFlags } from './set-flags.ts';
import { tokenize, unquoted } from './tokens.ts';

export interface Line {
  argv: string[];
  flags: Flag[];
  notes: string[];
}

/** `callers`: what was set outside the message, which the message cannot change. Throws `CliError` usage. */
export function commandLine(
  request: Request,
  callers: readonly Flag[],
  options: readonly Option[],
): Line {
  const { command } = request;
  const { flags, notes } = setFlags(command, request.flags, callers, options);
  const words = positionals(request);
  if (words.length === 0 && !mayBeAlone(request)) throw noPrompt(request);
  const argv = [
    command,
    ...flags.map((flag) => (flag.value === null ? nameOf(flag) : `${nameOf(flag)}=${flag.value}`)),
    ...(words.length === 0 ? [] : ['--', ...words]),
  ];
  return { argv, flags, notes };
}

/** A picture without words is changed; whether a file is enough, the command says. */
function mayBeAlone({ command, flags }: Request): boolean {
  return (
    !buying.has(command) ||
    flags.some((flag) => nameOf(flag) === '--help' || namesFile(flag.option))
  );
}

/** Throws `CliError` usage for a lone `-`: there is no standard input to read. */
function positionals({ command, flags, text, quoted }: Request): string[] {
  if (text === '') return [];
  const words = command === 'cost' ? wordsOf(text) : [text];
  const hasModel = flags.some((flag) => nameOf(flag) === '--model');
  if (command === 'chat' && !quoted && !hasModel) words.splice(0, 1, ...modelApart(text));
  if (words.includes('-'))
    throw new CliError('usage', 'a lone - is no text', {
      code: 'no_text',
      next: say('pipe the whole message: alltoken slash -'),
    });
  return words;
}

/** Each without its quotes. */
function wordsOf(text: string): string[] {
  return tokenize(text)
    .map((token) => unquoted(text, token))
    .filter((word) => word.trim() !== '');
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

function noPrompt({ command }: Request): CliError {
  return new CliError('usage', `the message has no text for alltoken ${command}`, {
    code: 'no_prompt',
    next: say(`alltoken slash "/alltoken-${command} …"`),
  });
}
