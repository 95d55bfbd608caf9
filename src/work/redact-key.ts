/** Removes the key from messages, since a server may repeat what it was sent. Answers and documents are cleaned where they are shown (`base/secrets.ts`). */
import { CliError } from '../base/errors.ts';
import { mapWords } from '../base/next-step.ts';
import { redact } from '../base/redact.ts';
import type { OutputEvent } from '../schemas/events.ts';

/** Our own messages only; the answer itself is not changed. */
export function withoutKey(event: OutputEvent, key: string | null): OutputEvent {
  if (key === null) return event;
  if (event.type === 'retry') return { ...event, reason: redact(event.reason, key) };
  const spoken = event.type === 'warning' || event.type === 'status' || event.type === 'trace';
  return spoken ? { ...event, message: redact(event.message, key) } : event;
}

export function errorWithoutKey(error: CliError, key: string | null): CliError {
  const details = Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value, key) : value,
    ]),
  );
  const { next } = error.details;
  const said = next === undefined ? {} : { next: mapWords(next, (text) => redact(text, key)) };
  return new CliError(error.exit, redact(error.message, key), { ...details, ...said });
}
