/** `alltoken logout`: its flags and its help. The work is `work/login`. */
import { gatewayFlag, outputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp } from '../../flags/help-text.ts';

const closing = 'The key itself stays valid: revoke it at the gateway if others may have seen it.';

export const registerLogout: RegisterCommand = (program, { deps, execute }) => {
  const command = program
    .command('logout')
    .description('Remove the key that alltoken login stored for a gateway.');
  takeFlags(
    addHelp(command, ['alltoken logout', 'alltoken logout -g openrouter'], closing),
    [flagGroup('Gateway:', gatewayFlag), outputFlags],
    async (flags) => {
      const { runLogout } = await import('../../work/login/run-logout.ts');
      await execute('logout', flags, () => runLogout(flags, deps));
    },
  );
};
