/** `alltoken search`: its flags and its help. The work is `ask/run.ts`, as for `chat`. */
import { Option } from 'commander';
import { addGatewayFlags, addOutputFlags, formatOf } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { numberBetween, wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { addMoneyFlags } from '../../flags/money-flags.ts';
import {
  type AskFlags,
  askOptions,
  readParameter,
  SEARCH_MAX_TOKENS,
} from '../../work/ask/options.ts';
import { runAsk } from '../../work/ask/run.ts';

const examples: readonly Example[] = [
  'alltoken search "What happened in Lisbon today?"',
  'alltoken search -m qwen3.6-flash --max-tokens 200 "Euro to yen, now"',
  'alltoken search --json "Latest Node.js LTS" | jq -r .text',
  ['alltoken search -g sandbox "Anything"', 'no key, no charge, no model'],
];

const closing =
  'The gateway gives no proof that a search ran, and a model may answer from memory: --json says "searched": "unlikely" when the answer itself tells so, else "unknown". Models that are known to ignore or refuse the flag are not asked, unless --force is given. A search adds 6 to 15 seconds. Exit codes: alltoken help exit-codes';

export const registerSearch: RegisterCommand = (program, context) => {
  const command = program
    .command('search')
    .description('Ask a model that searches the web first; the answer streams to stdout.')
    .argument('<query...>', 'what you want to know; - reads standard input')
    .usage('[options] <query...>');
  command
    .optionsGroup('Answer:')
    .option('-m, --model <id>', 'the model, or an alias (default: deepseek-v4-pro on AllToken)')
    .option('-s, --system <text>', 'instructions for the model; @file reads them from a file')
    .option(
      '--max-tokens <count>',
      `end the answer after this many tokens (default: ${SEARCH_MAX_TOKENS})`,
      wholeNumber(1),
    )
    .option('--temperature <number>', 'how varied answers are, from 0 to 2', numberBetween(0, 2))
    .addOption(new Option('--json-object', 'ask for a JSON object').conflicts('schema'))
    .option('--schema <file>', 'ask for JSON that matches this JSON Schema, and check it')
    .option('--param <key=json>', 'set any other field of the request (repeatable)', readParameter)
    .option('--no-stream', 'get the answer in one piece; its cost is then an estimate at best')
    .option('--strict', 'exit 40 when the answer is cut short, empty, or not as --schema says')
    .option('--force', 'ask also a model that is known to ignore or refuse the search flag');
  addHelp(
    addOutputFlags(addGatewayFlags(addMoneyFlags(command)), { jsonl: true }),
    examples,
    closing,
  ).action(async (words: string[], flags: SearchFlags) => {
    const asked: AskFlags = {
      ...flags,
      search: true,
      // A question of its own: it goes on with no conversation and begins none.
      save: false,
      // A pipe is often open and empty where an agent runs us; only - asks for it.
      stdin: words.includes('-'),
    };
    await context.execute('search', flags, () =>
      runAsk(askOptions('search', words, asked), formatOf(flags), context.deps),
    );
  });
};

type SearchFlags = Omit<AskFlags, 'search' | 'save' | 'stdin'>;
