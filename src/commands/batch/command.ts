/** `alltoken batch`: its flags and its help. The work is `batch/run.ts`. */

import { CliError } from '../../base/errors.ts';
import { resultsName } from '../../batch/place.ts';
import { runBatch } from '../../batch/run.ts';
import { tagsOf } from '../../config/tags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { patienceOf } from '../../flags/money-flags.ts';
import { batchFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken batch requests.jsonl -o results.jsonl',
  "alltoken batch rows.jsonl -o labels.jsonl --prompt 'Classify: {{text}}' --max-cost 2",
  'alltoken batch prompts.txt -o answers.jsonl --text -m gpt-5.4-nano',
  ['alltoken batch requests.jsonl -o results.jsonl --dry-run', 'what all lines can cost'],
  ['alltoken batch requests.jsonl -o results.jsonl --retry-failed', 'send failed lines again'],
  'alltoken batch prompts.txt -o answers.jsonl --text -g sandbox',
];

const closing =
  'A line is a request of the OpenAI Batch API, or an object with messages, with a prompt, or with the variables of --prompt or --template; with --text it is the prompt itself. The output has one line for each, as the Batch API returns it. The same command goes on where an earlier run ended: no line is sent twice. A line that was sent when the process was killed is marked unknown, and is sent again only with --resend-unknown. Exit code 40: some lines failed or are unknown.';

export const registerBatch: RegisterCommand = (program, { deps, execute }) => {
  const command = program
    .command('batch')
    .description('Send thousands of prompts, each once, as fast as the gateway allows.')
    .argument('<input>', 'the file of lines; - reads standard input')
    .usage('[options] <in.jsonl|-> -o <out.jsonl>');
  takeFlags(addHelp(command, examples, closing), batchFlags, async (flags, input: string) => {
    await execute('batch', flags, () => {
      const { out, concurrency } = flags;
      if (out === undefined) throw noOutput(resultsName(input, deps));
      return runBatch(
        {
          ...flags,
          out,
          input,
          param: flags.param ?? [],
          text: flags.text === true,
          concurrency: concurrency === 'auto' ? undefined : concurrency,
          tags: tagsOf(flags, deps),
          holdMs: patienceOf(flags, null).holdMs,
          retryFailed: flags.retryFailed === true,
          resendUnknown: flags.resendUnknown === true,
          inOrder: flags.inOrder === true,
          dryRun: flags.dryRun === true,
          debug: flags.debug === true,
        },
        deps,
      );
    });
  });
};

function noOutput(value: string): CliError {
  return new CliError('usage', 'batch needs -o, the file for its results', {
    code: 'no_output',
    next: { do: 'set-flag', flag: '--out', value },
  });
}
