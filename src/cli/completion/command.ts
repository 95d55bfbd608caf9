/** `alltoken completion`: the script that a shell reads once, and the words that the script asks for at each Tab. */

import { Argument } from 'commander';
import { EXIT_OK } from '../../base/errors.ts';
import { variable } from '../../config/variable.ts';
import { outputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type Shell, scriptFor, shells } from './scripts.ts';

const examples: readonly Example[] = [
  ['source <(alltoken completion bash)', 'in ~/.bashrc'],
  ['source <(alltoken completion zsh)', 'in ~/.zshrc'],
  'alltoken completion fish > ~/.config/fish/completions/alltoken.fish',
  ['alltoken completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
];

export const registerCompletion: RegisterCommand = (program, context) => {
  const command = program
    .command('completion')
    .helpCommand(false)
    .description(
      'Print a script that completes commands, flags, gateways and models with the Tab key. Models come from the cached model list; no request is sent.',
    )
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'the one that is to complete').choices(shells));
  takeFlags(addHelp(command, examples), [outputFlags], async (flags, shell: Shell) => {
    await context.execute('completion', flags, () => printScript(shell));
  });
  command
    .command('words', { hidden: true })
    .description(
      'List the possible next words. Used by the completion scripts; words follow -- or come one a line in ALLTOKEN_COMPLETION_WORDS.',
    )
    .argument('[word...]')
    .action(async (words: string[]) => {
      const { completeWords } = await import('./words.ts');
      await context.execute('completion', { color: false, quiet: true }, () =>
        completeWords(words.length > 0 ? words : typedWords(context), context),
      );
    });
};

/** From a shell that cannot hand over every word as an argument; an empty variable is none to some systems. */
function typedWords({ deps }: Context): string[] {
  return (variable(deps, 'ALLTOKEN_COMPLETION_WORDS') ?? '').split('\n');
}

async function* printScript(shell: Shell): AsyncGenerator<OutputEvent, void, undefined> {
  const script = scriptFor(shell);
  yield {
    type: 'output',
    content: { text: script },
    document: {
      schema: 'alltoken.completion.v1',
      ok: true,
      exit: EXIT_OK,
      command: 'completion',
      shell,
      script,
    },
  };
}
