/** `alltoken models`: its help and its action. What it does is in `list.ts`, `show.ts` and `board.ts`. */
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type ModelsFlags, modelsFlags } from './options.ts';

const examples: readonly Example[] = [
  'alltoken models',
  'alltoken models --filter gpt --sort input --limit 5',
  'alltoken models --kind video',
  'alltoken models seedance-2.0',
  'alltoken models --prices | sort -t "$(printf \'\\t\')" -k 3n',
  'alltoken models --health --routes',
  'alltoken models --providers',
];

const closing =
  'In a pipe, the output is one id a line. Prices are USD for a million tokens; unknown is not free. The list is cached for an hour; without a connection the cached list is shown with its age. Nothing here costs anything.';

export const registerModels: RegisterCommand = (program, context) => {
  const command = program
    .command('models')
    .description('List the available models with their prices, or show the details of one.')
    .argument('[id]', 'show this one in full; also an alias from the config')
    .usage('[options] [id]');
  takeFlags(
    addHelp(command, examples, closing),
    modelsFlags,
    async (flags, id: string | undefined) => {
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
  const shown = (['health', 'providers', 'rankings', 'filters'] as const).find(
    (name) => flags[name],
  );
  if (flags.routes && shown !== 'health')
    throw new CliError('usage', '--routes needs --health', {
      code: 'conflicting_option',
      next: runStep(['models', '--health', '--routes']),
    });
  if (id !== undefined) {
    const idle = [shown, ...(['filter', 'prices', 'sort', 'limit'] as const)].find(
      (name) => name !== undefined && flags[name] !== undefined,
    );
    if (idle !== undefined)
      throw new CliError('usage', `--${idle} has no effect on a single model`, {
        code: 'conflicting_option',
        next: runStep(['models', id]),
      });
    const { showModel } = await import('./show.ts');
    return () => showModel(id, flags, deps);
  }
  if (shown !== undefined) {
    const { showBoard } = await import('./board.ts');
    const provider = typeof flags.providers === 'string' ? flags.providers : null;
    const board = provider !== null ? 'provider' : flags.routes ? 'routes' : shown;
    return () => showBoard(board, provider, flags, deps);
  }
  const { listModels } = await import('./list.ts');
  return () => listModels(flags, deps);
}
