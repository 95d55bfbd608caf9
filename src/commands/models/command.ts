/** `alltoken models`: its flags and its help. What it does is in `list.ts`, `show.ts` and `board.ts`. */

import { Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { addGatewayFlags, addOutputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { modelSorts, modelTypes } from '../../schemas/choices.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { ModelsFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken models',
  'alltoken models --filter gpt --sort input --limit 5',
  'alltoken models --type video',
  'alltoken models seedance-2.0',
  'alltoken models --prices | sort -t "$(printf \'\\t\')" -k 3n',
  'alltoken models --health',
];

const closing =
  'Into a pipe goes one id a line. Prices are USD for a million tokens; unknown is not free. The list is kept for an hour; without a connection the kept one is shown, with a word on its age. Nothing here costs anything.';

export const registerModels: RegisterCommand = (program, context) => {
  const command = program
    .command('models')
    .description('List the models that can be used, with their prices, or show all of one.')
    .argument('[id]', 'show this one in full; also an alias from the config')
    .usage('[options] [id]');
  command
    .optionsGroup('List:')
    .addOption(
      new Option('--type <kind>', 'only those of this kind (default: chat)').choices(modelTypes),
    )
    .option('--filter <text>', 'only those with this in the id or the name')
    .option('--prices', 'print id, input, output, cached input and context, also into a pipe')
    .addOption(
      new Option('--sort <by>', 'the lowest first, unknown ones last (default: id)').choices(
        modelSorts,
      ),
    )
    .option('--limit <number>', 'at most this many', wholeNumber(1))
    .option('--refresh', 'ask the gateway, however new the list is');
  const list = ['type', 'filter', 'prices', 'sort', 'refresh'];
  command
    .optionsGroup('Public boards:')
    .addOption(
      new Option('--health', 'how the gateway is').conflicts(['providers', 'rankings', ...list]),
    )
    .addOption(new Option('--providers', 'who is behind it').conflicts(['rankings', ...list]))
    .addOption(new Option('--rankings', 'what is used most, and what is best').conflicts(list));
  addHelp(addOutputFlags(addGatewayFlags(command), { jsonl: false }), examples, closing).action(
    async (id: string | undefined, flags: ModelsFlags) => {
      const events = await workOf(id, flags, context);
      await context.execute('models', flags, events);
    },
  );
};

/** Each kind of work is loaded only when it is asked for. */
async function workOf(
  id: string | undefined,
  flags: ModelsFlags,
  { deps }: Context,
): Promise<() => AsyncGenerator<OutputEvent, void, undefined>> {
  const board = (['health', 'providers', 'rankings'] as const).find((name) => flags[name]);
  if (id !== undefined) {
    const idle = [board, ...(['filter', 'prices', 'sort', 'limit'] as const)].find(
      (name) => name !== undefined && flags[name] !== undefined,
    );
    if (idle !== undefined)
      throw new CliError('usage', `--${idle} says nothing about one model`, {
        code: 'conflicting_option',
        next: runStep(['models', id]),
      });
    const { showModel } = await import('./show.ts');
    return () => showModel(id, flags, deps);
  }
  if (board !== undefined) {
    const { showBoard } = await import('./board.ts');
    return () => showBoard(board, flags, deps);
  }
  const { listModels } = await import('./list.ts');
  return () => listModels(flags, deps);
}
