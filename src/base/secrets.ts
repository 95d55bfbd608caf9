/** Takes the keys that are in use out of what a command shows: every event passes here on its way to a renderer, a tool or another command. */
import type { OutputEvent } from '../schemas/events.ts';
import { secretOf } from './bounded-json.ts';
import { withTexts } from './json.ts';
import { formsOfAll, SecretStream, withoutSecret } from './redact.ts';
import { TraceCover } from './trace-cover.ts';

/** More are of programs that give out a new one each time. */
const MOST_SECRETS = 16;

/** A short one is left out: it would be found in words that have nothing to do with it. */
export function addSecret(key: string, secrets: Set<string>): void {
  const secret = secretOf(key);
  if (secret === null || secrets.has(secret)) return;
  for (const oldest of secrets) {
    if (secrets.size < MOST_SECRETS) break;
    secrets.delete(oldest);
  }
  secrets.add(secret);
}

/** Any JSON with its texts and names changed; what has none of the secrets is the same object. */
export function withoutSecrets<T>(value: T, secrets: ReadonlySet<string>): T {
  if (secrets.size === 0) return value;
  const clean = (text: string): string => {
    let rest = text;
    for (const secret of secrets) rest = withoutSecret(rest, secret);
    return rest;
  };
  return withTexts(value, clean, clean) as T;
}

/** The rest of an answer that is being shown comes before none of these. */
const beside: ReadonlySet<OutputEvent['type']> = new Set([
  ...(['delta', 'reasoning', 'trace', 'status', 'warning', 'retry', 'progress'] as const),
]);

/** The same events without these secrets, also where one comes in pieces. `secrets` may grow meanwhile. `mark`: what stands for one in an answer. */
export async function* withoutSecretsIn(
  events: AsyncIterable<OutputEvent>,
  secrets: ReadonlySet<string>,
  mark?: string,
): AsyncGenerator<OutputEvent, void, undefined> {
  let latest: string | undefined;
  let forms: readonly string[] = [];
  let streams = { delta: new SecretStream([]), reasoning: new SecretStream([]) };
  for await (const event of events) {
    const newest = [...secrets].at(-1);
    if (newest !== latest) {
      latest = newest;
      forms = formsOfAll(secrets);
      streams = { delta: new SecretStream(forms, { mark }), reasoning: new SecretStream(forms) };
    }
    if (event.type === 'delta' || event.type === 'reasoning') {
      const text = streams[event.type].push(event.text);
      if (text === event.text) yield event;
      else if (text !== '') yield { ...event, text };
      continue;
    }
    if (!beside.has(event.type))
      for (const type of ['reasoning', 'delta'] as const) {
        const text = streams[type].rest();
        if (text !== '') yield { type, text };
      }
    yield withoutSecrets(
      event.type === 'trace' ? withCover(event, new TraceCover(forms)) : event,
      secrets,
    );
  }
}

/** The events of one call, of which the lines of `--debug` have its key in no form, also not in pieces. */
export async function* withoutKeyInTrace<T extends OutputEvent>(
  events: AsyncIterable<T>,
  key: string | null,
): AsyncGenerator<T, void, undefined> {
  const secret = secretOf(key);
  const cover = new TraceCover(formsOfAll(secret === null ? [] : [secret]));
  for await (const event of events) yield withCover(event, cover);
}

function withCover<T extends OutputEvent>(event: T, cover: TraceCover): T {
  if (event.type !== 'trace' || event.level !== 'debug') return event;
  return { ...event, message: cover.clean(event.message) };
}
