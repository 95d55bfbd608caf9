/** The public document that an event carries. It shows nothing. */
import type { OutputEvent } from '../schemas/events.ts';

/** What `--json` prints of an event; undefined for one that it does not print. */
export function documentOf(event: OutputEvent): unknown {
  if (event.type === 'output') return event.document;
  if (event.type !== 'result' && event.type !== 'error' && event.type !== 'failure')
    return undefined;
  const { type: _type, ...document } = event;
  return document;
}
