/** What a message, and whoever runs it, may set for which command. Data only. */
import type { CommandName } from './rules.ts';

/** Those that can spend money. */
export const buying: ReadonlySet<CommandName> = new Set<CommandName>([
  'chat',
  'image',
  'video',
  'search',
]);

/** Where text is prose that may speak of any flag, flags stand at its two ends; elsewhere anywhere in it. */
export const flagPlaces: Readonly<Record<CommandName, 'ends' | 'anywhere'>> = {
  chat: 'ends',
  search: 'ends',
  image: 'anywhere',
  video: 'anywhere',
  models: 'anywhere',
  cost: 'anywhere',
};

/** Flags of `slash` that only some commands have, and what the others are to be told. */
export const callersFlags: readonly {
  flags: readonly string[];
  commands: ReadonlySet<CommandName>;
  otherwise: string;
}[] = [
  { flags: ['--tag', '--max-cost', '--dry-run'], commands: buying, otherwise: 'buys nothing' },
  {
    flags: ['--async', '--wait'],
    commands: new Set<CommandName>(['image', 'video']),
    otherwise: 'has no task to wait for',
  },
];

/** Never from a message: it does not say where requests go, nor what a message may do. */
export const refusedFlags: ReadonlySet<string> = new Set([
  '--base-url',
  '--callback-url',
  '--explain',
  '--allow-paths',
]);

/** The same, as a field of the request. */
export const refusedParameter = /^\s*[^=]*(callback|webhook)[^=]*=/i;
