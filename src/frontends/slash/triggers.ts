/** The table of what is understood as one of the six commands, and where a message has it. It recognises exact phrases only and does not guess. */
import { CliError } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { type NextStep, runStep } from '../../base/next-step.ts';
import { buyingCommands, mainCommands } from '../../schemas/choices.ts';
import { hideQuotes, type Message, unwrap } from './quotes.ts';

export type CommandName = (typeof mainCommands)[number];

/** Those that can spend money. */
export const buying: ReadonlySet<string> = new Set(buyingCommands);

type Asking = { command: CommandName; words: string; question?: true };

/** Besides the names. `a|b` is either word, `<model>` the id of a model; `question`: what follows is not an argument. */
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
const guard =
  /^(?:no|not|never|dont|cannot|stop|avoid|without|what|why|how|when|where|who|which|is|are|was|were|did|does|do|has|had|have|if|tried|used|about)(?:['’]|$)|n['’]t$/i;

export interface Trigger {
  command: CommandName;
  /** As written in the message, on one line. */
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

const beginWith = 'begin with /alltoken-chat, -image, -video, -search, -models or -cost';
const oneAtATime = 'send one command at a time; what is only text goes in quotes';
const quotedExample = '/alltoken-chat "what does alltoken image do?"';

/** The one command that a message asks for, and the message without the quotes that it may be in as a whole. Throws `TriggerError`. */
export function findTrigger(whole: string): { message: Message; trigger: Trigger } {
  const outer = hideQuotes(whole.replace(/^\ufeff/, '').trim());
  const inner = triggersIn(outer).length === 0 ? unwrap(outer) : null;
  const message = inner === null ? outer : hideQuotes(inner.trim());
  const triggers = triggersIn(message);
  const [trigger] = triggers;
  if (trigger !== undefined && triggers.length === 1) return { message, trigger };
  const shown = JSON.stringify(shorten(oneLine(whole.slice(0, 1000)), 60));
  const phrases = triggers.map(({ phrase }) => JSON.stringify(phrase)).join(' and ');
  const [text, code, example, why] =
    trigger === undefined
      ? [`no command in ${shown}`, 'no_trigger', '/alltoken-chat Hello', beginWith]
      : [`more than one command: ${phrases}`, 'two_triggers', quotedExample, oneAtATime];
  throw new TriggerError(text, code, { ...runStep(['slash', example]), why }, triggers);
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
    const { model = null } = groups;
    if (!first) triggers.set(command, { command, phrase, question, model, start, end });
    else if (start < first.end) first.end = Math.max(first.end, end);
  }
  return [...triggers.values()];
}

/** The word in the sentence before a trigger for which it is not taken as asked for; null: there is none. */
export function guardBefore({ shown }: Message, { start }: Trigger): string | null {
  const before = shown.slice(0, start);
  const sentence = before.slice(/^.*(?:[.!?](?=\s)|[\r\n])/s.exec(before)?.[0].length ?? 0);
  const words = sentence.match(/[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu) ?? [];
  return words.find((word) => guard.test(word)) ?? null;
}
