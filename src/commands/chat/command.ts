/** `alltoken chat`: its help and its action. The work is `run.ts`. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { AskFlags } from '../../flags/ask-flags.ts';
import { formatOf } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { chatFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken chat "Why is the sky blue?"',
  'alltoken chat claude-sonnet-4-6 "Review this" <patch.diff',
  'alltoken chat -f photo.jpg -f notes.md "What is wrong here?"',
  'alltoken chat -c "And in one sentence?"',
  ['alltoken chat', 'a conversation, on a terminal'],
  'alltoken chat --tool web_search --max-cost 0.05 "What is new in Node.js?"',
  'alltoken chat --json "List three rivers" | jq -r .text',
  ['alltoken chat -g sandbox "Hello"', 'no key, no charge, no model'],
];

const closing =
  'The first word is taken as the model when it is an alias, or the gateway is known to have a model of that name, and more words, or standard input, follow; alone on a terminal it begins a conversation. With -m every word is prompt. Piped input is the prompt, or comes after it. The answer goes to stdout, everything else to stderr. Exit codes: alltoken help exit-codes';

/**
 * How a conversation begins: with -i, or with no prompt where a person can type one. null: it is one call. A model that comes
 * first is that of the conversation. Throws `CliError` usage for -i where nobody can type.
 */
async function conversationOf(
  words: readonly string[],
  flags: AskFlags,
  deps: Deps,
): Promise<{ words: readonly string[]; flags: AskFlags } | null> {
  const { stdin, stdout, stderr } = deps;
  const canType =
    stdin.takeTerminal !== undefined && stdin.isTerminal && stdout.isTerminal && stderr.isTerminal;
  if (flags.interactive && !canType)
    throw new CliError('usage', '-i needs a terminal as input, output and error output', {
      code: 'not_a_terminal',
      next: runStep(['chat'], '"your question"'),
    });
  const hasPrompt = words.length > 1 || flags.file !== undefined || flags.template !== undefined;
  const isForPrograms = flags.json || flags.jsonl || flags.dryRun;
  if (!flags.interactive && (!canType || hasPrompt || isForPrograms)) return null;
  if (words.length === 0) return { words, flags };
  const { splitModel } = await import('../../work/ask/first-word.ts');
  const { model, words: message } = await splitModel(words, flags, deps);
  if (!flags.interactive && message.length > 0) return null;
  return { words: message, flags: model === null ? flags : { ...flags, model } };
}

/** Throws `CliError` usage: without tools these say nothing. */
function refuseIdle({ toolsApprove, maxSteps }: AskFlags): void {
  const idle = maxSteps !== undefined ? '--max-steps' : '--tools-approve';
  if (maxSteps === undefined && toolsApprove === undefined) return;
  throw new CliError('usage', `${idle} goes with --tool or --mcp`, {
    code: 'bad_flag',
    next: { do: 'set-flag', flag: '--tool', fill: '<name>' },
  });
}

export const registerChat: RegisterCommand = (program, context) => {
  const command = program
    .command('chat')
    .description('Ask a model; the answer streams to stdout, its tokens and cost to stderr.')
    .argument(
      '[prompt...]',
      'what you ask, after the model if that comes first; - reads standard input',
    )
    .usage('[options] [model] [prompt...]');
  takeFlags(addHelp(command, examples, closing), chatFlags, async (flags, words: string[]) => {
    const conversation = await conversationOf(words, flags, context.deps);
    if (conversation !== null) {
      await context.converse(conversation.words, conversation.flags);
      return;
    }
    if (flags.tool !== undefined || flags.mcp !== undefined) {
      const { askWithTools } = await import('./with-tools.ts');
      await context.execute('chat', flags, () => askWithTools(words, flags, context.deps));
      return;
    }
    refuseIdle(flags);
    // A conversation shows its prompt before it needs them.
    const { askOptions } = await import('../../work/ask/options.ts');
    const { runAsk } = await import('../../work/ask/run.ts');
    await context.execute('chat', flags, () =>
      runAsk(askOptions('chat', words, flags), formatOf(flags), context.deps),
    );
  });
};
