/** What a paid chat call is made under, whoever makes it: a command, an agent, a server. Types only. */
import type { Catalogue } from '../../client/catalogue.ts';
import type { Key } from '../../config/keys.ts';
import type { Settings } from '../../config/settings.ts';
import type { Gateway } from '../../gateways/types.ts';
import type { Cap } from '../../money/budget/caps.ts';
import type { Patience } from '../../money/budget/line.ts';

/** Who pays, and how it is written down. */
export interface Account {
  /** As the ledger names it. */
  readonly command: string;
  /** The label of the ledger lines; null without one. */
  readonly session: string | null;
  readonly settings: Settings;
  readonly gateway: Gateway;
  readonly key: Key | null;
  readonly tags: readonly string[];
  /** The caps on the call. */
  readonly caps: readonly Cap[];
}

/** Fields of the body whose cost the body alone does not tell. */
export interface Extras {
  /** Fields that the caller has put in unseen; null left one out. */
  readonly param: readonly { readonly key: string; readonly value: unknown }[];
  /** Thinking was requested; a number limits its tokens. */
  readonly thinking?: true | number | undefined;
}

/** What the number of tokens, and their price, depend on. */
export interface Pricing {
  readonly extras: Extras;
  /** The price list; null if none is known. */
  readonly prices: Catalogue | null;
}

export interface Terms extends Account, Pricing {
  /** How long a call waits for others under the same budget. */
  readonly patience: Patience;
}

export const noExtras: Extras = { param: [] };
