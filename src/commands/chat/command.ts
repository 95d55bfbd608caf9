/** `alltoken chat`: its help and its action. The work is `run.ts`. */
import { formatOf } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { askOptions } from '../../work/ask/options.ts';
import { runAsk } from '../../work/ask/run.ts';
import { chatFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken chat "Why is the sky blue?"',
  'alltoken chat claude-sonnet-4-6 "Review this" <patch.diff',
  'alltoken chat -f photo.jpg -f notes.md "What is wrong here?"',
  'alltoken chat -c "And in one sentence?"',
  'alltoken chat --json "List three rivers" | jq -r .text',
  ['alltoken chat -g sandbox "Hello"', 'no key, no charge, no model'],
];

const closing =
  'The first word is taken as the model when the gateway is known to have a model of that name and more words, or standard input, follow; with -m every word is prompt. Piped input is the prompt, or comes after it. The answer goes to stdout, everything else to stderr. Exit codes: alltoken help exit-codes';

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
    await context.execute('chat', flags, () =>
      runAsk(askOptions('chat', words, flags), formatOf(flags), context.deps),
    );
  });
};
