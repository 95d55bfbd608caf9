/** `alltoken init`: its help and its action. What it does is `init.ts`. */
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { initFlags } from './options.ts';

const examples: readonly Example[] = [
  ['alltoken init my-agent', 'a program that answers, with tools'],
  ['alltoken init my-agent --template tui', 'with a terminal UI'],
  ['alltoken init my-agent --template http --install', 'with an HTTP server; runs npm install'],
  ['alltoken init my-agent --template python', 'one file, standard library only'],
  ['alltoken init --merge', 'what is missing in this directory'],
];

const closing =
  'Nothing is asked, overwritten or removed. A directory that is not empty needs --merge; one that has only a repository counts as empty. ALLTOKEN_GATEWAY=sandbox npm start and npm test work without a key.';

export const registerInit: RegisterCommand = (program, { deps, execute }) => {
  const command = program
    .command('init')
    .description(
      'Begin a project: an agent on alltoken-cli in TypeScript, or one Python file, with a test that needs no key.',
    )
    .argument('[directory]', 'where; a new one is made (default: the working directory)');
  takeFlags(
    addHelp(command, examples, closing),
    initFlags,
    async (flags, directory: string | undefined) => {
      const { initProject } = await import('./init.ts');
      await execute('init', flags, () => initProject(directory, flags, deps));
    },
  );
};
