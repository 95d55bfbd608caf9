/** The one command that a message asks for. Throws where there is none, or more than one; it reads no flag. */
import { CliError } from '../../errors.ts';
import { oneLine, shorten } from '../../json.ts';
import type { CommandName } from './rules.ts';
import { type Token, tokenize, unwrap } from './tokens.ts';
import { findTriggers, type Trigger } from './triggers.ts';

export interface Found {
  /** Without the quotes around the whole message, if its trigger was within them. */
  message: string;
  tokens: readonly Token[];
  trigger: Trigger;
}

/** What was seen of commands, for the document of a failure. */
export type Seen = readonly { phrase: string; command: CommandName }[];

/** A message that names no command, or two. */
export class TriggerError extends CliError {
  readonly seen: Seen;

  constructor(message: string, code: string, hint: string, seen: Seen) {
    super('usage', message, { code, hint });
    this.seen = seen;
  }
}

const SHOWN = 60;

export function findCommand(whole: string): Found {
  const found = look(whole) ?? look(unwrap(whole));
  if (found === null)
    throw new TriggerError(
      `no command in ${JSON.stringify(shorten(oneLine(whole.slice(0, 1000)), SHOWN))}`,
      'no_trigger',
      'begin with /alltoken-chat, -image, -video, -search, -models or -cost: alltoken slash "/alltoken-chat Hello"',
      [],
    );
  const { message, tokens, triggers } = found;
  const first = new Map<CommandName, Trigger>();
  for (const trigger of triggers)
    if (!first.has(trigger.command)) first.set(trigger.command, trigger);
  const [trigger, ...others] = first.values();
  if (trigger !== undefined && others.length === 0) return { message, tokens, trigger };
  const seen = [...first.values()].map(({ phrase, command }) => ({ phrase, command }));
  const phrases = seen.map(({ phrase }) => JSON.stringify(shorten(phrase, SHOWN)));
  throw new TriggerError(
    `more than one command: ${phrases.join(' and ')}`,
    'two_triggers',
    'send one command at a time; what is only text goes in quotes: alltoken slash \'/alltoken-chat "what does alltoken image do?"\'',
    seen,
  );
}

function look(
  message: string | null,
): { message: string; tokens: readonly Token[]; triggers: Trigger[] } | null {
  if (message === null) return null;
  const tokens = tokenize(message);
  const triggers = findTriggers(message, tokens);
  return triggers.length === 0 ? null : { message, tokens, triggers };
}
