/** `alltoken chat`: its flags and its help. The work is `work/ask/run.ts`. */
import { Option } from 'commander';
import { addGatewayFlags, addOutputFlags, formatOf } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { append, numberBetween, wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { addMoneyFlags } from '../../flags/money-flags.ts';
import { type AskFlags, askOptions, readParameter } from '../../work/ask/options.ts';
import { runAsk } from '../../work/ask/run.ts';
import { commaList, readThinking } from './options.ts';

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
  command
    .optionsGroup('Answer:')
    .option('-m, --model <id>', 'the model, or an alias from the config')
    .option('-s, --system <text>', 'instructions for the model; @file reads them from a file')
    .option(
      '-f, --file <path>',
      'attach a text file, an image, or the URL of an image; - is stdin (repeatable)',
      append,
    )
    .option('--temperature <number>', 'how varied answers are, from 0 to 2', numberBetween(0, 2))
    .option('--top-p <number>', 'share of likely words to choose from, 0 to 1', numberBetween(0, 1))
    .option('--max-tokens <count>', 'end the answer after this many tokens', wholeNumber(1))
    .option('--stop <text>', 'end the answer before this text (repeatable)', append)
    .option(
      '--seed <number>',
      'ask for the same answer each time; not every model can',
      wholeNumber(Number.MIN_SAFE_INTEGER),
    )
    .option(
      '--thinking [tokens]',
      'let the model think first, with at most this many tokens if given',
      readThinking,
    )
    .option('--search', 'let the model search the web (DeepSeek and Qwen on AllToken)')
    .option('--force', 'send --search also to a model that is known to ignore or refuse it')
    .addOption(new Option('--json-object', 'ask for a JSON object').conflicts('schema'))
    .option('--schema <file>', 'ask for JSON that matches this JSON Schema, and check it')
    .option('--param <key=json>', 'set any other field of the request (repeatable)', readParameter)
    .option('--no-stream', 'get the answer in one piece; its cost is then not known')
    .option(
      '--fallback <ids>',
      'models to try in turn when the gateway cannot serve the first: a,b',
      commaList,
    )
    .option('--strict', 'exit 40 when the answer is cut short, empty, or not as --schema says');
  command
    .optionsGroup('Conversation:')
    .option('-c, --continue', 'go on with the newest conversation')
    .option('--session <name>', 'keep a conversation under this name, and go on with it')
    .option('--no-save', 'keep this chat out of the conversations on disk')
    .option('--no-stdin', 'do not read standard input');
  addHelp(
    addOutputFlags(addGatewayFlags(addMoneyFlags(command)), { jsonl: true }),
    examples,
    closing,
  ).action(async (words: string[], flags: AskFlags) => {
    await context.execute('chat', flags, () =>
      runAsk(askOptions('chat', words, flags), formatOf(flags), context.deps),
    );
  });
};
