/** `alltoken login`: its flags and its help. The work is `work/login`. */
import { gatewayFlags, outputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';

const examples: readonly Example[] = [
  ['alltoken login', 'asks for the key, and does not show it'],
  'alltoken login -g openrouter <key.txt',
  'pass show tokenhub | alltoken login -g tokenhub',
];

const closing =
  'A gateway that has a free request for it checks the key first; one that is refused changes nothing. The key goes into a file of its own that only you can read, and is sent to this gateway alone. A variable such as ALLTOKEN_API_KEY wins over it.';

const keyFlags = flagGroup('Key:', flag('--no-check', 'store it without asking the gateway'));

export const registerLogin: RegisterCommand = (program, { deps, execute }) => {
  const command = program
    .command('login')
    .description('Store the key of a gateway: typed at a prompt, or one line of standard input.');
  takeFlags(
    addHelp(command, examples, closing),
    [keyFlags, gatewayFlags, outputFlags],
    async (flags) => {
      const { runLogin } = await import('../../work/login/run-login.ts');
      await execute('login', flags, () => runLogin(flags, deps));
    },
  );
};
