/** How everything under /api-account is answered: with no key, with the faults that hit it, and with a tag. It knows no figures. */
import type { Call } from '../call.ts';
import { sendError } from '../envelope.ts';
import type { FaultName } from '../fault-table.ts';
import { takeFirst } from '../faults.ts';
import type { ListUnit } from '../prices.ts';
import { sendTagged } from '../tagged.ts';
import { oddBoards } from './odd-boards.ts';

/** Answers with the body that `make` gives; what it throws goes on to the caller. */
export function publicly(make: (call: Call) => unknown): (call: Call) => void {
  return (call) => {
    if (takes(call, 'catalogue-down')) {
      sendError(call.exchange, {
        status: 503,
        code: 'service_unavailable',
        type: 'api_error',
        message: 'The public catalogue is down (sandbox fault catalogue-down).',
      });
      return;
    }
    sendTagged(call.exchange, make(call));
  };
}

/** A part of the catalogue: for which number of tokens its prices are, and of which model. */
export function priced(make: (unit: ListUnit, id: string) => unknown): (call: Call) => void {
  return publicly((call) => {
    const isOdd = takes(call, 'odd-catalogue');
    return make(isOdd ? 'per_thousand_tokens' : 'per_million_tokens', decoded(call.id));
  });
}

/** A board, as it is or odd. */
export function board(
  name: keyof typeof oddBoards,
  make: (id: string) => unknown,
): (call: Call) => void {
  return publicly((call) => (takes(call, 'odd-boards') ? oddBoards[name] : make(decoded(call.id))));
}

function takes({ exchange, faults }: Call, name: FaultName): boolean {
  const taken = takeFirst(faults, [name]);
  if (taken) exchange.notes.push(`fault=${taken}`);
  return taken !== null;
}

/** A part of a path without its escapes; unchanged when they are bad, which then names nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
