/** Builds the user's message from what was typed, piped in and attached. It reads standard input and the files that flags name. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { type ContentPart, readAttachment } from '../input/attachments.ts';
import { isModelWord, type ModelKnowledge, nearModel } from '../input/model-word.ts';
import { readStdin, stdinText } from '../input/stdin.ts';
import { promptMissing } from './first-word.ts';
import { fill, usesStdin } from './gaps.ts';
import type { AskOptions } from './options.ts';

export interface Prompt {
  /** The model given as the first word, or null. */
  modelWord: string | null;
  /** A string, or parts if there is an image. */
  content: string | ContentPart[];
}

type PromptDeps = Pick<Deps, 'stdin' | 'clock' | 'signal' | 'files' | 'workingDirectory' | 'path'>;

/** Throws `CliError` usage when there is no prompt, or when standard input is requested twice. */
export async function* readPrompt(
  options: AskOptions,
  known: ModelKnowledge,
  deps: PromptDeps,
): AsyncGenerator<OutputEvent, Prompt, undefined> {
  const content = options.live?.content ?? null;
  if (content !== null) {
    const isReady = typeof content !== 'string';
    return {
      modelWord: null,
      content: isReady ? content : compose(content, await attached(options, null, deps)),
    };
  }
  const dashes = options.words.filter((word) => word === '-').length;
  const stdinFiles = options.file.filter((file) => file === '-').length;
  const prepared = options.prepared?.prompt ?? null;
  const fillsGap = prepared !== null && usesStdin(prepared.text);
  if (dashes + stdinFiles + (fillsGap ? 1 : 0) > 1)
    throw new CliError(
      'usage',
      'standard input can be read only once, and is named several times',
      {
        code: 'stdin_twice',
      },
    );
  if (fillsGap && (!options.stdin || deps.stdin.isTerminal)) throw nothingPiped();
  const asked = fillsGap || dashes + stdinFiles === 1;
  if (asked && !options.stdin)
    throw new CliError('usage', '- and --no-stdin cannot be combined', { code: 'stdin_twice' });

  const words = options.words.filter((word) => word !== '-');
  const bytes = yield* stdinBytes(words, asked, options, deps);
  const text = bytes === null || stdinFiles === 1 ? '' : stdinText(bytes);
  const first = words[0];
  const isModel =
    options.command === 'chat' &&
    options.model === undefined &&
    first !== undefined &&
    isModelWord(first, known);
  const takesModel = isModel && (words.length > 1 || text.trim() !== '');
  if (isModel && !takesModel) throw promptMissing(first);
  const near =
    options.command === 'chat' && options.model === undefined && first !== undefined && !isModel
      ? nearModel(first, known)
      : null;
  if (near !== null)
    yield {
      type: 'warning',
      message: `${first} is sent as a word of the prompt; the model ${near} would be: alltoken chat -m ${near} …`,
    };
  const typed = (takesModel ? words.slice(1) : words).join(' ');
  const attachments = await attached(options, bytes, deps);
  const filled = prepared === null ? '' : fill(prepared.text, { ...prepared.values, stdin: text });
  const parts = [filled, typed, fillsGap ? '' : text];
  const prompt = parts.filter((part) => part.trim() !== '').join('\n\n');
  if (prompt === '' && attachments.length === 0) throw noPrompt(options.command);
  return { modelWord: takesModel ? first : null, content: compose(prompt, attachments) };
}

async function attached(
  { file }: AskOptions,
  stdin: Uint8Array | null,
  deps: PromptDeps,
): Promise<ContentPart[]> {
  const attachments: ContentPart[] = [];
  for (const path of file) attachments.push(await readAttachment(path, '-f', stdin, deps));
  return attachments;
}

/** Throws `CliError` usage when nothing was typed and nothing can be piped in: before a key is needed. */
export function checkThatThereIsSomething(options: AskOptions, deps: Pick<Deps, 'stdin'>): void {
  if (options.live !== undefined && options.live.content !== null) return;
  const prepared = options.prepared?.prompt ?? null;
  const typed =
    prepared !== null ||
    options.words.some((word) => word.trim() !== '') ||
    options.file.length > 0;
  if (!typed && (!options.stdin || deps.stdin.isTerminal)) throw noPrompt(options.command);
}

async function* stdinBytes(
  words: readonly string[],
  asked: boolean,
  options: AskOptions,
  deps: PromptDeps,
): AsyncGenerator<OutputEvent, Uint8Array | null, undefined> {
  if (!asked && (!options.stdin || deps.stdin.isTerminal)) return null;
  const havePrompt =
    (options.prepared?.prompt ?? null) !== null ||
    words.some((word) => word.trim() !== '') ||
    options.file.length > 0;
  const reading = readStdin(deps, asked || !havePrompt);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
    yield { type: 'status', message: 'waiting for standard input (--no-stdin skips it)' };
  }
}

/** Files come before the prompt about them. */
function compose(prompt: string, attachments: readonly ContentPart[]): string | ContentPart[] {
  const parts: ContentPart[] = [...attachments];
  if (prompt !== '') parts.push({ type: 'text', text: prompt });
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === parts.length ? texts.join('\n\n') : parts;
}

function nothingPiped(): CliError {
  return new CliError('usage', 'the template has {{stdin}}, and nothing is piped in', {
    code: 'missing_variable',
    next: {
      do: 'say',
      words: 'pipe a text in, as with: cat notes.txt | alltoken chat',
      for: 'shell',
    },
  });
}

function noPrompt(command: AskOptions['command']): CliError {
  return new CliError('usage', 'no prompt', {
    code: 'no_prompt',
    next: runStep([command], '"your question"'),
  });
}
