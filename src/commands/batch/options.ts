/** The flags of `alltoken batch`. */
import { InvalidArgumentError } from 'commander';
import { noStream } from '../../batch/place.ts';
import { askFlags } from '../../flags/ask-flags.ts';
import { eventOutputFlags, gatewayFlags } from '../../flags/common-flags.ts';
import { flag, flagGroup } from '../../flags/declare-flags.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { amount, holdFlag, tagFlag } from '../../flags/money-flags.ts';

/** More connections than this are not opened at a time. */
const MOST_IN_FLIGHT = 256;

const linesGroup = flagGroup(
  'Lines:',
  flag('-o, --out <file>', 'the output; beside it is <file>.state', {
    names: 'file or directory',
    read(out) {
      if (out === '-') throw noStream(out, 'results.jsonl');
      return out;
    },
  }),
  flag('--prompt <text>', 'a prompt whose {{gaps}} are fields of a line', {
    names: 'text',
    conflicts: ['template'],
  }),
  flag('-t, --template <name>', 'a template beside the config, as of chat', { names: 'template' }),
  flag('--text', 'a line is the prompt, or {{text}} of it'),
  flag('--shard <part>', 'only a part of the lines: i/n with i from 0, auto, or auto/n'),
  flag('--limit <count>', 'send at most so many lines', { read: wholeNumber(1) }),
  flag('--retry-failed', 'send failed lines again, also those that may have been billed'),
  flag(
    '--resend-unknown',
    'send lines again whose result was lost, or is gone: they may have been billed',
  ),
  flag('--in-order', 'leave the results in the order of the lines'),
);

const requestGroup = flagGroup(
  'Request:',
  flag('-m, --model <id>', 'the model of all lines, an alias, or auto:cheap|fast|code|best', {
    names: 'model',
    usual: 'of each line, else as of chat',
  }),
  askFlags.param,
  askFlags.schema,
);

const paceGroup = flagGroup(
  'Pace:',
  flag('--concurrency <count>', 'requests in flight: auto, or at most so many', {
    read: concurrency,
    usual: 'auto, up to 64',
  }),
  flag('--max-errors <count>', 'stop after so many failed lines', { read: wholeNumber(1) }),
);

const moneyGroup = flagGroup(
  'Money:',
  tagFlag,
  flag('--max-cost <usd>', 'limit the cost of the whole batch', { read: amount }),
  holdFlag,
  flag('--dry-run', 'show what all lines can cost, and the first request; send nothing'),
);

export const batchFlags = [
  linesGroup,
  requestGroup,
  paceGroup,
  moneyGroup,
  gatewayFlags,
  eventOutputFlags,
] as const;

function concurrency(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > MOST_IN_FLIGHT)
    throw new InvalidArgumentError(`Expected auto, or a number from 1 to ${MOST_IN_FLIGHT}.`);
  return value;
}
