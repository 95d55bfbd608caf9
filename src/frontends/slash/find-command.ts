/** The one command that a message asks for. Throws where there is none, or more than one; it reads no flag. */

import { CliError } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { isJudged, spokenFrom } from './asked.ts';
import type { CommandName } from './rules.ts';
import { type Sentences, sentencesOf } from './sentences.ts';
import { type Token, tokenize, unwrap } from './tokens.ts';
import { findTriggers, type Trigger } from './triggers.ts';

export interface Found {
  /** Without the quotes around the whole message, if its trigger was within them. */
  message: string;
  tokens: readonly Token[];
  sentences: Sentences;
  trigger: Trigger;
}

/** What was seen of commands, for the document of a failure. */
export type Seen = readonly { phrase: string; command: CommandName }[];

/** A message that asks for no command, or for two. */
export class TriggerError extends CliError {
  readonly seen: Seen;

  constructor(message: string, code: string, hint: string, seen: Seen) {
    super('usage', message, { code, next: say(hint) });
    this.seen = seen;
  }
}

interface Looked {
  message: string;
  tokens: readonly Token[];
  sentences: Sentences;
  triggers: readonly Trigger[];
}

const SHOWN = 60;

export function findCommand(whole: string): Found {
  const looked = look(whole) ?? look(unwrap(whole));
  if (looked === null)
    throw new TriggerError(
      `no command in ${JSON.stringify(short(whole.slice(0, 1000)))}`,
      'no_trigger',
      'begin with /alltoken-chat, -image, -video, -search, -models or -cost: alltoken slash "/alltoken-chat Hello"',
      [],
    );
  const { message, tokens, sentences, triggers } = looked;
  const first = new Map<CommandName, Trigger>();
  for (const trigger of triggers)
    if (!first.has(trigger.command)) first.set(trigger.command, trigger);
  const [trigger, ...others] = first.values();
  if (trigger === undefined || others.length > 0) throw twoTriggers([...first.values()]);
  if (!trigger.question) refuseSpoken(trigger, looked);
  return { message, tokens, sentences, trigger };
}

function look(message: string | null): Looked | null {
  if (message === null) return null;
  const tokens = tokenize(message);
  const sentences = sentencesOf(message, tokens);
  const triggers = findTriggers(message, sentences);
  return triggers.length === 0 ? null : { message, tokens, sentences, triggers };
}

/** "Never run alltoken image" asks for nothing. */
function refuseSpoken(trigger: Trigger, { message, tokens, sentences }: Looked): void {
  const { command, first, end } = trigger;
  const judged = isJudged(trigger, sentences);
  const from = judged ? first : spokenFrom(sentences, first);
  if (from === null) return;
  const said = message.slice(tokens[from]?.start, tokens[judged ? end : end - 1]?.end);
  throw notAsked(command, said, trigger.phrase);
}

/** `said`: what was seen. */
export function notAsked(command: CommandName, said: string, phrase: string): TriggerError {
  return new TriggerError(
    `${JSON.stringify(short(said))} speaks about alltoken ${command}; nothing was run`,
    'not_asked',
    `to run it, begin with it: alltoken slash "/alltoken-${command} …"`,
    [{ phrase, command }],
  );
}

function twoTriggers(triggers: readonly Trigger[]): TriggerError {
  const seen = triggers.map(({ phrase, command }) => ({ phrase, command }));
  const phrases = seen.map(({ phrase }) => JSON.stringify(shorten(phrase, SHOWN)));
  return new TriggerError(
    `more than one command: ${phrases.join(' and ')}`,
    'two_triggers',
    'send one command at a time; what is only text goes in quotes: alltoken slash \'/alltoken-chat "what does alltoken image do?"\'',
    seen,
  );
}

function short(text: string): string {
  return shorten(oneLine(text), SHOWN);
}
