/** The flags that `serve` and `run` share: what goes through them, and what it may cost. It starts nothing. */
import { InvalidArgumentError } from 'commander';
import { gatewayFlag, quietFlag } from './common-flags.ts';
import { flag, flagGroup } from './declare-flags.ts';
import { amount, secondsToHold, tagFlag } from './money-flags.ts';

const positiveSeconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || value > 86_400)
    throw new InvalidArgumentError('Expected seconds, above 0 and up to 86400.');
  return value;
};

export const callFlags = flagGroup(
  'Calls:',
  gatewayFlag,
  flag('--base-url <url>', 'replace the base URL of the gateway', { names: 'address' }),
  flag('--model-allow <pattern>', 'accept only such models; * is any text', { repeatable: true }),
  flag('--fallback <ids>', 'models to try where the gateway cannot serve one', {
    names: 'models',
    read: modelIds,
  }),
  flag('--on-disconnect <how>', 'what becomes of a call whose client leaves', {
    choices: ['cancel', 'drain'] as const,
    usual: 'cancel a stream, drain others',
  }),
  flag('--timeout <seconds>', 'stop a call that takes longer', { read: positiveSeconds }),
);

export const totalFlags = flagGroup(
  'Money:',
  tagFlag,
  flag('--max-cost <usd>', 'limit the cost of all calls together', { read: amount }),
  flag(
    '--hold <seconds>',
    'how long a call waits for running ones that reserve a budget; 0: not at all',
    { read: secondsToHold, usual: '30' },
  ),
);

const noteFlag = flag('-v, --verbose', 'show each request: method, path, status, time, call');

export const runOutputFlags = flagGroup(
  'Output:',
  quietFlag,
  noteFlag,
  flag('--no-color', 'no colour (also: NO_COLOR)'),
);

function modelIds(text: string): string[] {
  const ids = text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length === 0 || ids.length > 16)
    throw new InvalidArgumentError('Expected up to 16 model ids with commas between.');
  return ids;
}
