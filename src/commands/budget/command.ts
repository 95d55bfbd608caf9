/** `alltoken budget`: the caps and what is left of them. Each subcommand is a file. */
import type { Command } from 'commander';
import { gatewayFlag, outputFlags } from '../../flags/common-flags.ts';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';

const examples: readonly Example[] = [
  'alltoken budget',
  ['alltoken config set budget.day 5', 'sets a limit; also budget.call, budget.month'],
  'alltoken budget -g sandbox',
  'alltoken budget --json',
  'alltoken budget release 1a2b3c4d',
];

const closing =
  'Amounts are in USD; days and months are in UTC. A running call reserves the most that it can cost. A call that was killed counts at that amount until the day or month ends, because its real cost is unknown; check your usage at the gateway before you release it. Sandbox calls use play money and do not count towards real budgets. In a pipe, each row has: cap, limit, spent, reserved, held for killed calls, left, reset time.';

const gatewayFlags = flagGroup('Gateway:', gatewayFlag);

export const registerBudget: RegisterCommand = (program, context) => {
  const budget = program
    .command('budget')
    .helpCommand(false)
    .description(
      'Show each spending limit of the config: what is spent, reserved and left, and when it resets.',
    );
  addHelp(budget, examples, closing);
  addShow(budget, context);
  addRelease(budget, context);
};

function addShow(budget: Command, { deps, execute }: Context): void {
  const command = budget
    .command('show', { isDefault: true })
    .summary('what is left of each cap')
    .description('Show each cap, and the calls that were killed and have no outcome.');
  takeFlags(command, [gatewayFlags, outputFlags], async (flags) => {
    const { showBudget } = await import('./show.ts');
    await execute('budget', flags, () => showBudget(flags, deps));
  });
}

function addRelease(budget: Command, { deps, execute }: Context): void {
  const command = budget
    .command('release')
    .summary('stop counting a killed call')
    .description(
      'Stop counting calls that were killed before their cost was known. Their ids, or the beginnings of them, are in alltoken budget.',
    )
    .argument('<call...>', 'the calls');
  takeFlags(command, [outputFlags], async (flags, ids: string[]) => {
    const { releaseCalls } = await import('./release.ts');
    await execute('budget release', flags, () => releaseCalls(ids, deps));
  });
}
