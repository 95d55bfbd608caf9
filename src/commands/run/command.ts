/** `alltoken run`: its flags and its help. The work is `src/serve`. */
import { tagsOf } from '../../config/tags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { callFlags, runOutputFlags, totalFlags } from '../../flags/serve-flags.ts';
import { runProgram } from '../../serve/run.ts';

const examples: readonly Example[] = [
  'alltoken run -- python app.py',
  'alltoken run --max-cost 0.50 -- npm test',
  'alltoken run --tag nightly --model-allow "gpt-5.4*" -- ./evaluate.sh',
  ['alltoken run -g sandbox -- env', 'shows the variables that a program gets'],
];

const closing =
  "The program finds the proxy by OPENAI_BASE_URL and OPENAI_API_KEY; keys of gateways are taken out of its environment. The exit code is the program's own; 126: it cannot be started, 127: there is none of that name. Codes of ours, before it starts: alltoken help exit-codes";

const runFlags = [callFlags, totalFlags, runOutputFlags] as const;

export const registerRun: RegisterCommand = (program, context) => {
  const command = program
    // What stands behind the program is its own.
    .enablePositionalOptions()
    .command('run')
    .description(
      'Run a program behind a proxy of its own: what it spends is counted, limited, and reported at its end.',
    )
    .argument('<program...>', 'the program and its arguments')
    .usage('[options] -- <program> [arguments...]')
    .passThroughOptions();
  takeFlags(addHelp(command, examples, closing), runFlags, async (flags, words: string[]) => {
    const { deps } = context;
    await context.execute('run', flags, () =>
      runProgram(
        {
          ...flags,
          program: words,
          tags: tagsOf(flags, deps),
          verbose: flags.verbose === true,
        },
        deps,
      ),
    );
  });
};
