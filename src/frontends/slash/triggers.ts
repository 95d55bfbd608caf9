/** The table of what is understood as one of the six commands, and where a message has it. It recognises nothing else: what people mean is for others to tell. */
import { CliError } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { mainCommands } from '../../schemas/choices.ts';
import { hideQuotes, type Message, unwrap } from './quotes.ts';

export type CommandName = (typeof mainCommands)[number];

/** Those that can spend money. */
export const buying: ReadonlySet<string> = new Set(['chat', 'image', 'video', 'search']);

interface Asking {
  command: CommandName;
  words: string;
  question?: true;
}

/** Besides the names. `a|b` is either word, `<model>` the id of a model; `question`: what follows is no argument. */
const phrases: readonly Asking[] = [
  { command: 'chat', words: 'ask alltoken with model <model>' },
  { command: 'image', words: 'generate a|an image via alltoken' },
  { command: 'image', words: 'draw with alltoken' },
  { command: 'video', words: 'make a video on alltoken' },
  { command: 'search', words: 'use alltoken web search' },
  { command: 'search', words: 'find with alltoken' },
  { command: 'models', words: 'what alltoken models are available', question: true },
  { command: 'cost', words: 'how much did that cost', question: true },
];

/** With one of these before it in its sentence, or any word in n't, a command that buys is not asked for. */
const guards: ReadonlySet<string> = new Set(
  'no not never dont cannot stop avoid without what why how when where who which is are was were did does do has had have if tried used about'.split(
    ' ',
  ),
);

export interface Trigger {
  command: CommandName;
  /** As it stands in the message, in one line. */
  phrase: string;
  question: boolean;
  /** The model that the phrase names. */
  model: string | null;
  /** With the punctuation around it. */
  start: number;
  end: number;
}

/** A message that asks for no command, for two, or for one that it only speaks about. `seen`: for the document of the failure. */
export class TriggerError extends CliError {
  readonly seen: readonly { phrase: string; command: CommandName }[];

  constructor(message: string, code: string, next: NextStep, seen: readonly Trigger[]) {
    super('usage', message, { code, next });
    this.seen = seen.map(({ phrase, command }) => ({ phrase, command }));
  }
}

/** White space with at most one line break. Two forms that share no match, so that it stays linear. */
const gap = '(?:[^\\S\\r\\n]+|[^\\S\\r\\n]*\\r?\\n[^\\S\\r\\n]*)';
const names = mainCommands.map((command): Asking => ({ command, words: `alltoken-${command}` }));
const patterns = [...names, ...phrases].map(({ words, ...rest }) => ({
  ...rest,
  source: words
    .replaceAll(' ', gap)
    .replace(/alltoken-?/, (word) => `[/$@]?alltoken${word.endsWith('-') ? `(?:[-_]|${gap})` : ''}`)
    .replace('a|an', 'an?')
    .replace('<model>', '(?<model>[a-z0-9](?:[a-z0-9._:/-]*[a-z0-9])?)'),
}));
const any = patterns.map(({ source }, index) => `(?<t${index}>${source})`).join('|');
const around = `(?<!\\S)[([{*_~¡¿]{0,3}(?:${any})[)\\]}*_~.,:;!?…。，！？：；]{0,3}(?!\\S)`;

/** The one command that a message asks for, and the message without the quotes that it may be in as a whole. Throws `TriggerError`. */
export function findTrigger(whole: string): { message: Message; trigger: Trigger } {
  let message = hideQuotes(whole.replace(/^\ufeff/, '').trim());
  let triggers = triggersIn(message);
  const inner = triggers.length === 0 ? unwrap(message) : null;
  if (inner !== null) {
    message = hideQuotes(inner.trim());
    triggers = triggersIn(message);
  }
  const [trigger] = triggers;
  if (trigger === undefined)
    throw new TriggerError(
      `no command in ${JSON.stringify(shorten(oneLine(whole.slice(0, 1000)), 60))}`,
      'no_trigger',
      {
        ...runStep(['slash', '/alltoken-chat Hello']),
        why: 'begin with /alltoken-chat, -image, -video, -search, -models or -cost',
      },
      [],
    );
  if (triggers.length > 1)
    throw new TriggerError(
      `more than one command: ${triggers.map(({ phrase }) => JSON.stringify(phrase)).join(' and ')}`,
      'two_triggers',
      {
        ...runStep(['slash', '/alltoken-chat "what does alltoken image do?"']),
        why: 'send one command at a time; what is only text goes in quotes',
      },
      triggers,
    );
  return { message, trigger };
}

/** The first of each command, in their order. */
function triggersIn({ shown }: Message): Trigger[] {
  const pattern = new RegExp(around, 'gi');
  const triggers = new Map<CommandName, Trigger>();
  for (let found = pattern.exec(shown); found !== null; found = pattern.exec(shown)) {
    const { index: start, 0: all, groups = {} } = found;
    const end = start + all.length;
    // One may begin within another: `draw with alltoken image`.
    pattern.lastIndex = start + 1;
    const index = patterns.findIndex((_, at) => groups[`t${at}`] !== undefined);
    const { command, question = false } = patterns[index] ?? {};
    const phrase = groups[`t${index}`]?.replace(/\s+/g, ' ');
    if (command === undefined || phrase === undefined) continue;
    const first = triggers.get(command);
    if (first === undefined) {
      const { model = null } = groups;
      triggers.set(command, { command, phrase, question, model, start, end });
    } else if (start < first.end) first.end = Math.max(first.end, end);
  }
  return [...triggers.values()];
}

/** The word in the sentence before a trigger for which it is not taken as asked for; null: there is none. */
export function guardBefore({ shown }: Message, { start }: Trigger): string | null {
  const before = shown.slice(0, start);
  const sentence = before.slice(/^.*(?:[.!?](?=\s)|[\r\n])/s.exec(before)?.[0].length ?? 0);
  for (const [word] of sentence.matchAll(/[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu)) {
    const plain = word.toLowerCase().replace('’', "'");
    if (guards.has(plain) || guards.has(plain.split("'")[0] ?? '') || plain.endsWith("n't"))
      return word;
  }
  return null;
}
