/** The error for what a gateway does not offer, with the gateways that do. It sends nothing. */
import { CliError } from '../base/errors.ts';
import { type Ability, gatewaysWith } from '../gateways/index.ts';
import type { Gateway } from '../gateways/types.ts';

/** `what`: a phrase for the sentence "X offers no …". */
export function unsupported(
  { label }: Pick<Gateway, 'label'>,
  what: string,
  ability: Ability,
): CliError {
  const others = gatewaysWith(ability);
  return new CliError('usage', `${label} offers no ${what}; nothing was sent`, {
    code: 'unsupported',
    next: others.map((value, index) => ({
      do: 'set-flag',
      flag: '--gateway',
      value,
      ...(index === 0 && { why: 'these gateways do' }),
    })),
  });
}
