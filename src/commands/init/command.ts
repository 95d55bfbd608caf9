/** `alltoken init`: its flags and its help. What it does is `init.ts`. */
import { outputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { type FlagsOf, flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { templateNames } from './layers.ts';

const examples: readonly Example[] = [
  ['alltoken init my-agent', 'a program that answers, with tools'],
  ['alltoken init my-agent --template tui', 'with a terminal UI'],
  ['alltoken init my-agent --template http --install', 'with an HTTP server; runs npm install'],
  ['alltoken init my-agent --template python', 'one file, standard library only'],
  ['alltoken init --merge', 'what is missing in this directory'],
];

const closing =
  'Nothing is asked, overwritten or removed. A directory that is not empty needs --merge; one that has only a repository counts as empty. ALLTOKEN_GATEWAY=sandbox npm start and npm test work without a key.';

const initFlags = [
  flagGroup(
    null,
    flag('--template <name>', 'what to begin with', { choices: templateNames, default: 'agent' }),
    flag('--name <name>', 'the name of the package', { usual: 'that of the directory' }),
    flag('--merge', 'add the missing files to a directory that is not empty'),
    flag('--install', 'run npm install in it'),
    flag('--no-install', 'only show the command; the default'),
    flag('--no-git', 'do not run git init; it never runs inside a work tree'),
  ),
  outputFlags,
] as const;

export type InitFlags = FlagsOf<typeof initFlags>;

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
