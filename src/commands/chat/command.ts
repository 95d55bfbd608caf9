/** `alltoken chat`: its flags and its help. The work is `run.ts`. */
import { Option } from 'commander';
import type { Format } from '../../render/format.ts';
import { addGatewayFlags, addOutputFlags } from '../common-flags.ts';
import type { RegisterCommand } from '../context.ts';
import {
  append,
  type ChatFlags,
  chatOptions,
  commaList,
  numberBetween,
  readParameter,
  readThinking,
  wholeNumber,
} from './options.ts';
import { runChat } from './run.ts';

const examples = `
Examples:
  alltoken chat "Why is the sky blue?"
  alltoken chat claude-sonnet-4-6 "Review this" <patch.diff
  alltoken chat -f photo.jpg -f notes.md "What is wrong here?"
  alltoken chat -c "And in one sentence?"
  alltoken chat --json "List three rivers" | jq -r .text
  alltoken chat -g sandbox "Hello"            no key, no charge, no model

The first word is the model when it is an id the gateway is known to have and more words
or standard input follow; -m always wins. The answer goes to stdout, everything else to
stderr. Exit codes: alltoken help exit-codes
`;

export const registerChat: RegisterCommand = (program, context) => {
  const command = program
    .command('chat')
    .description('Ask a model; the answer streams to stdout, its tokens and cost to stderr.')
    .argument(
      '[prompt...]',
      'the prompt, after the model if it comes first; - reads standard input',
    )
    .usage('[options] [model] [prompt...]');
  command
    .optionsGroup('Answer:')
    .option('-m, --model <id>', 'the model, or an alias from the config')
    .option('-s, --system <text>', 'instructions for the model; @file reads them from a file')
    .option(
      '-f, --file <path>',
      'add a text file or an image, by content; an http(s) image URL; - for stdin',
      append,
    )
    .option('--temperature <number>', 'from 0 to 2', numberBetween(0, 2))
    .option('--top-p <number>', 'from 0 to 1', numberBetween(0, 1))
    .option('--max-tokens <count>', 'longest answer', wholeNumber(1))
    .option('--stop <text>', 'end the answer before this text (repeatable)', append)
    .option(
      '--seed <number>',
      'for answers that repeat, where the model can',
      wholeNumber(Number.MIN_SAFE_INTEGER),
    )
    .option(
      '--thinking [tokens]',
      'let the model think first; a budget must be a whole number',
      readThinking,
    )
    .option('--search', 'let the model search the web (DeepSeek and Qwen on AllToken)')
    .addOption(new Option('--json-object', 'ask for a JSON object').conflicts('schema'))
    .option('--schema <file>', 'ask for JSON that matches this JSON Schema, and check it')
    .option('--param <key=json>', 'any other field of the request body (repeatable)', readParameter)
    .option('--no-stream', 'ask for the answer in one piece (it then tells no cost)')
    .option(
      '--fallback <ids>',
      'models to try, with commas, when the gateway cannot serve the first',
      commaList,
    )
    .option('--strict', 'exit 40 when the answer was cut, is empty, or misses the schema');
  command
    .optionsGroup('Conversation:')
    .option('-c, --continue', 'go on with the newest conversation')
    .option('--session <name>', 'keep a conversation under this name, and go on with it')
    .option('--no-save', 'keep no messages of this chat')
    .option('--no-stdin', 'do not read standard input')
    .option('--dry-run', 'show the request, the token bound and the price range; send nothing');
  addOutputFlags(addGatewayFlags(command), { jsonl: true })
    .addHelpText('after', examples)
    .action(async (words: string[], flags: ChatFlags) => {
      const format: Format = flags.json ? 'json' : flags.jsonl ? 'jsonl' : 'text';
      await context.execute('chat', flags, () =>
        runChat(chatOptions(words, flags), format, context.deps),
      );
    });
};
