/** Reads a message, says what it runs, and runs it; or explains it. It shows nothing but that line: the rest is the command's own. */
import type { Command } from 'commander';
import { errorDocument } from '../../base/error-document.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { CommonFlags, OutputFlags } from '../../flags/common-flags.ts';
import type { Context } from '../../flags/context.ts';
import type { MoneyFlags } from '../../flags/money-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { SlashDocument } from '../../schemas/slash.ts';
import { innerDeps, noInput } from '../inner-deps.ts';
import { TriggerError } from './find-command.ts';
import type { Flag } from './flag-reader.ts';
import { makePlan } from './plan.ts';
import { readMessage } from './read-message.ts';

export interface SlashFlags extends CommonFlags, MoneyFlags {
  explain?: boolean;
  allowPaths?: boolean;
}

type Events = AsyncGenerator<OutputEvent, void, undefined>;

const WORD_SHOWN = 120;

/** `command`: as commander has read it. */
export async function runSlash(
  words: readonly string[],
  flags: SlashFlags,
  command: Command,
  context: Context,
): Promise<void> {
  const { deps } = context;
  const read: { message?: string } = {};
  await context.execute('slash', flags, async function* (): Events {
    read.message = yield* readMessage(words, deps);
  });
  if (read.message === undefined) return;
  const { message } = read;
  const caller = { flags: callersFlags(command), allowPaths: flags.allowPaths === true };
  const plan = await makePlan(message, caller, context).catch((error: unknown) => error);
  if (!isPlan(plan))
    return context.execute('slash', withFormat(flags, message), () => failure(plan));
  if (flags.explain) return context.execute('slash', flags, () => explanation(plan));
  let isSaid = false;
  await context.execute('slash', outputFlags(plan), async function* (): Events {
    yield* announcement(plan);
    isSaid = true;
  });
  // Where nobody can be told, nothing is bought.
  if (isSaid) await context.run(plan.argv, innerDeps(deps, { stdin: noInput }));
}

function isPlan(outcome: unknown): outcome is SlashDocument {
  return typeof outcome === 'object' && outcome !== null && 'argv' in outcome;
}

async function* announcement({ argv, notes }: SlashDocument): Events {
  const words = argv.map((word) => {
    const [, flag = '', value = word] = /^(--[\w-]+=)(.*)$/s.exec(word) ?? [];
    return flag + shellWord(shorten(oneLine(value), WORD_SHOWN));
  });
  yield { type: 'status', message: `running: alltoken ${words.join(' ')}` };
  for (const message of notes) yield { type: 'warning', message };
}

/** The format that the message asks for, as far as one can tell of one that cannot be read; the caller's goes first. */
function withFormat(flags: SlashFlags, message: string): SlashFlags {
  const format = /(?:^|\s)--(jsonl?)(?=\s|$)/.exec(message)?.[1];
  return flags.json || flags.jsonl || format === undefined ? flags : { ...flags, [format]: true };
}

/** The command's own, whoever set them. */
function outputFlags({ flags }: SlashDocument): OutputFlags {
  const has = (flag: string): boolean => flags.some(({ name }) => name === flag);
  return {
    json: has('--json'),
    jsonl: has('--jsonl'),
    quiet: has('--quiet'),
    verbose: has('--verbose'),
    debug: has('--debug'),
    color: !has('--no-color'),
  };
}

async function* explanation(plan: SlashDocument): Events {
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  yield { type: 'output', content: { text }, document: plan };
}

/** Where no command was found, or two, the document says what was seen. */
async function* failure(thrown: unknown): Events {
  if (!(thrown instanceof TriggerError)) throw thrown;
  const error = errorDocument(thrown);
  const document = {
    schema: 'alltoken.error.v1',
    ok: false,
    command: 'slash',
    error,
    seen: thrown.seen,
  };
  yield { type: 'output', content: { text: '' }, document, error };
}

/** What was set on the command line of `slash` and is the command's own to obey. */
function callersFlags(command: Command): Flag[] {
  const ours = new Set(['explain', 'allowPaths']);
  return command.options
    .filter((option) => {
      const name = option.attributeName();
      return !ours.has(name) && command.getOptionValueSource(name) === 'cli';
    })
    .flatMap((option): Flag[] => {
      const given: unknown = command.getOptionValue(option.attributeName());
      const from = 'caller' as const;
      if (!option.required && !option.optional) return [{ option, value: null, from }];
      return [given].flat().map((value) => ({ option, value: String(value), from }));
    });
}
