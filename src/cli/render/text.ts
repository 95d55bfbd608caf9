/**
 * Text on stdout: the answer as it arrives. Byte for byte into a pipe; without control sequences, and laid out as
 * markdown, on a terminal. The renderer of markdown is loaded only for an answer that needs it.
 */
import { withoutBold } from '../../base/bold.ts';
import type { Output } from '../../base/deps.ts';
import { formsOfAll, layoutMark, SecretStream, withMarksShown } from '../../base/redact.ts';
import type { DryRun } from '../../schemas/chat.ts';
import type { OutputDocumentEvent } from '../../schemas/events.ts';
import type { MediaDryRun, MediaFailure, MediaSuccess } from '../../schemas/media.ts';
import type { MarkdownText } from './markdown/markdown.ts';
import { type ColourContext, makePaint, type Paint, wantsColour } from './paint.ts';
import type { Renderer } from './renderer.ts';
import { TerminalText } from './sanitize.ts';

/** So much of an answer that comes in one piece is laid out at a time: what is written is another copy of it. */
const LAYOUT_PIECE = 65_536;

/** `terminal`: what decides about colour. */
export function textRenderer(
  output: Output,
  terminal: ColourContext,
  secrets: ReadonlySet<string>,
): Renderer {
  const paint = makePaint(terminal);
  let controls = output.isTerminal ? new TerminalText() : null;
  let isMarkdown = false;
  let markdown: MarkdownText | null = null;
  /** What the layout makes of an answer may be a key again: marks and entities are gone. Null before its first word. */
  let shownSecrets: SecretStream | null = null;
  let last = '';
  // Half a character has no bytes of its own: it waits for its other half.
  let half = '';
  let wroteBytes = false;

  /** Nothing of the answer has been written yet. */
  function setLayout(layout: 'auto' | 'always' | 'never'): void {
    // A dumb terminal shows escape sequences as text.
    isMarkdown =
      terminal.env.TERM !== 'dumb' &&
      (layout === 'always' || (layout === 'auto' && output.isTerminal));
    if (isMarkdown) controls ??= new TerminalText();
  }

  /** A table takes control sequences out of its cells itself: those of its head are ours. */
  async function writeContent(content: OutputDocumentEvent['content']): Promise<void> {
    if ('text' in content) await write(content.text);
    else if ('page' in content) await output.write(pageText(content.page, output, paint));
    else {
      const tables = await tablesText(content, output, paint);
      await output.write(output.isTerminal ? newShownSecrets().whole(tables) : tables);
    }
  }

  async function write(text: string): Promise<void> {
    const whole = half + (controls ? controls.clean(text) : text);
    half = /[\ud800-\udbff]$/.test(whole) ? whole.slice(-1) : '';
    await writeOut(half === '' ? whole : whole.slice(0, -1));
  }

  async function writeOut(shown: string): Promise<void> {
    if (shown === '') return;
    last = shown.at(-1) ?? last;
    await output.write(shown);
  }

  function newShownSecrets(): SecretStream {
    return new SecretStream(formsOfAll(secrets), { keepsStyles: true });
  }

  async function writeShown(text: string): Promise<void> {
    shownSecrets ??= newShownSecrets();
    await writeOut(shownSecrets.push(text));
  }

  async function writeAnswer(text: string): Promise<void> {
    if (!isMarkdown) {
      const marked = text.replaceAll(layoutMark, withMarksShown(layoutMark));
      if (controls === null) return write(marked);
      const clean = half + controls.clean(marked);
      half = /[\ud800-\udbff]$/.test(clean) ? clean.slice(-1) : '';
      return writeShown(half === '' ? clean : clean.slice(0, -1));
    }
    if (markdown === null) {
      const module = await import('./markdown/markdown.ts');
      const columns = () => output.columns;
      const colour = wantsColour(terminal);
      const forms = formsOfAll(secrets);
      const shortest = Math.min(...forms.map((form) => form.length));
      const hide = (word: string): string =>
        word.length < shortest ? word : new SecretStream(forms).whole(word);
      markdown = new module.MarkdownText({ columns, colour, hide });
    }
    for (let from = 0; from < text.length; from += LAYOUT_PIECE) {
      const clean = half + (controls?.clean(text.slice(from, from + LAYOUT_PIECE)) ?? '');
      half = /[\ud800-\udbff]$/.test(clean) ? clean.slice(-1) : '';
      await writeShown(withMarksShown(markdown.push(half === '' ? clean : clean.slice(0, -1))));
    }
  }

  async function endAnswer(): Promise<void> {
    if (markdown !== null) {
      const rest = markdown.push(half) + markdown.end();
      half = '';
      markdown = null;
      await writeShown(withMarksShown(rest));
    }
    const held = shownSecrets?.rest() ?? '';
    shownSecrets = null;
    await writeOut(held);
  }

  return async (event) => {
    if (event.type === 'delta') await writeAnswer(event.text);
    else if (event.type === 'layout') setLayout(event.markdown);
    else if (event.type === 'output') await writeContent(event.content);
    else if (event.type === 'bytes') {
      wroteBytes = true;
      await output.write(event.bytes);
    } else if (event.type === 'result' && 'dry_run' in event) await write(dryRunText(event));
    else if (
      (event.type === 'result' || event.type === 'error') &&
      'status' in event &&
      !wroteBytes
    )
      await write(mediaText(event));
    // An answer that does not end in a line end gets one, also when it broke off.
    const isEnd = ['result', 'error', 'output', 'failure', 'step'].includes(event.type);
    if (isEnd) await endAnswer();
    if (isEnd && half !== '') await output.write(half);
    if (isEnd && last !== '' && last !== '\n') await write('\n');
  };
}

/** Bold is structure, not colour: NO_COLOR leaves it, a terminal without it and a pipe get none. */
function pageText(page: string, output: Output, paint: Paint): string {
  if (!output.isTerminal) return withoutBold(page);
  const isPlain = paint.heading('x') === 'x';
  return isPlain ? withoutBold(page) : page;
}

async function tablesText(
  content: Exclude<OutputDocumentEvent['content'], { text: string } | { page: string }>,
  output: Output,
  paint: Paint,
): Promise<string> {
  const { cleanCell, drawTable, tabSeparated } = await import('./table.ts');
  if (!output.isTerminal)
    return 'table' in content
      ? tabSeparated(content.table)
      : content.sections.map(({ title, table }) => tabSeparated(table, title)).join('');
  const { bold } = paint;
  if ('table' in content) return drawTable(content.table, output.columns, bold);
  return content.sections
    .map(({ title, table }) => {
      const drawn = drawTable(table, output.columns, bold);
      return `${bold(cleanCell(title))}\n${drawn}`;
    })
    .join('\n');
}

/** A path a line; the id of the task where there is no file to come. */
function mediaText(document: MediaSuccess | MediaFailure): string {
  const lines = document.files.map(({ path }) => path);
  if (lines.length === 0 && document.ok && document.task_id !== null) lines.push(document.task_id);
  return lines.map((line) => `${line}\n`).join('');
}

function dryRunText(document: DryRun | MediaDryRun): string {
  const { request, verdict } = document;
  const bounds = 'tokens' in document ? { tokens: document.tokens, price: document.price } : {};
  return `${JSON.stringify({ request, ...bounds, verdict }, null, 2)}\n`;
}
