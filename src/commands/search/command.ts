/** `alltoken search`: its flags and its help. The work is `ask/run.ts`, as for `chat`. */
import { askFlags } from '../../flags/ask-flags.ts';
import { eventOutputFlags, formatOf, gatewayFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { moneyFlags } from '../../flags/money-flags.ts';
import { type AskFlags, askOptions, SEARCH_MAX_TOKENS } from '../../work/ask/options.ts';
import { runAsk } from '../../work/ask/run.ts';

const examples: readonly Example[] = [
  'alltoken search "What happened in Lisbon today?"',
  'alltoken search -m qwen3.6-flash --max-tokens 200 "Euro to yen, now"',
  'alltoken search --json "Latest Node.js LTS" | jq -r .text',
  ['alltoken search -g sandbox "Anything"', 'no key, no charge, no model'],
];

const closing =
  'The gateway gives no proof that a search ran, and a model may answer from memory: --json says "searched": "unlikely" when the answer says so, else "unknown". Models that are known to ignore or refuse the flag are not asked, unless --force is given. A search adds 6 to 15 seconds. Exit codes: alltoken help exit-codes';

const answerFlags = flagGroup(
  'Answer:',
  flag('-m, --model <id>', 'the model, an alias, or auto:cheap|fast|code|best', {
    names: 'model',
    usual: 'deepseek-v4-pro on AllToken',
  }),
  askFlags.system,
  flag('--max-tokens <count>', 'end the answer after this many tokens', {
    read: wholeNumber(1),
    usual: String(SEARCH_MAX_TOKENS),
  }),
  askFlags.temperature,
  askFlags.jsonObject,
  askFlags.schema,
  askFlags.param,
  flag('--no-stream', 'get the answer in one response; its cost is then an estimate at best'),
  askFlags.out,
  askFlags.markdown,
  askFlags.noMarkdown,
  askFlags.strict,
  flag('--force', 'ask also a model that is known to ignore or refuse the search flag'),
);

const searchFlags = [answerFlags, moneyFlags, gatewayFlags, eventOutputFlags] as const;

export const registerSearch: RegisterCommand = (program, context) => {
  const command = program
    .command('search')
    .description('Ask a model that searches the web first; the answer streams to stdout.')
    .argument('<query...>', 'what you want to know; - reads standard input')
    .usage('[options] <query...>');
  takeFlags(addHelp(command, examples, closing), searchFlags, async (flags, words: string[]) => {
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
