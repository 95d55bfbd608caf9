/** The flags of `mcp`: what holds for every call of one server. It serves nothing. */
import { InvalidArgumentError } from 'commander';
import { gatewayFlags, quietFlag } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { moneyFlags } from '../../flags/money-flags.ts';

/** Most hosts give a call up after a minute. */
const USUAL_CALL_SECONDS = 50;

function callSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 5) || value > 3600)
    throw new InvalidArgumentError('Expected seconds, from 5 to 3600.');
  return value;
}

export const mcpFlags = [
  flagGroup(
    'Files:',
    flag('-o, --out <path>', 'the directory to save files in', {
      names: 'directory',
      usual: 'the working directory',
    }),
    flag('--allow-paths', 'let calls name files outside that directory'),
  ),
  flagGroup(
    'Calls:',
    flag('--call-timeout <seconds>', 'the longest that a call may take, 5 to 3600', {
      read: callSeconds,
      default: USUAL_CALL_SECONDS,
    }),
  ),
  moneyFlags,
  gatewayFlags,
  flagGroup('Output:', quietFlag),
] as const;

export type McpFlags = FlagsOf<typeof mcpFlags>;
