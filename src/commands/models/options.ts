/** The flags of `models`. It lists nothing. */
import { gatewayFlags, outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { modelSorts, modelTypes } from '../../schemas/choices.ts';

const listFlags = flagGroup(
  'List:',
  flag('--type, --kind <kind>', 'only those of this kind', { choices: modelTypes, usual: 'chat' }),
  flag('--filter <text>', 'only those with this in the id or the name', { names: 'text' }),
  flag('--prices', 'print id, input, output, cached input and context, also into a pipe'),
  flag('--sort <by>', 'the lowest first, unknown ones last', { choices: modelSorts, usual: 'id' }),
  flag('--limit <number>', 'at most this many', { read: wholeNumber(1) }),
  flag('--refresh', 'fetch the list again, ignoring the cache'),
);

const ofList = ['kind', 'filter', 'prices', 'sort', 'refresh'] as const;

const boardFlags = flagGroup(
  'Public boards:',
  flag('--health', 'show the health of the gateway', {
    conflicts: ['providers', 'rankings', 'filters', ...ofList],
  }),
  flag('--routes', 'with --health: of each route'),
  flag('--providers [id]', 'show the upstream providers, or the figures of one', {
    shape: /^[^-]/,
    conflicts: ['rankings', 'filters', ...ofList],
  }),
  flag('--rankings', 'show usage and quality rankings', { conflicts: ['filters', ...ofList] }),
  flag('--filters', 'show what the models can be filtered by', { conflicts: ofList }),
);

export const modelsFlags = [listFlags, boardFlags, gatewayFlags, outputFlags] as const;

export type ModelsFlags = FlagsOf<typeof modelsFlags>;
