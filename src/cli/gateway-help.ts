/** Names the gateways in the help of -g, right before it is read. It declares no flag and chooses no gateway. */
import type { Command } from 'commander';
import { gatewayHelp } from '../flags/common-flags.ts';
import { factsOf } from '../flags/flag-option.ts';
import { builtInGateways } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';

/** In the command and all below it. */
export function nameGateways(
  command: Command,
  gateways: ReadonlyMap<string, Gateway> = builtInGateways,
): void {
  for (const option of command.options)
    if (factsOf(option).names === 'gateway') option.description = gatewayHelp([...gateways.keys()]);
  for (const below of command.commands) nameGateways(below, gateways);
}
