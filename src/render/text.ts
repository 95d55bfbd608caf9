/** Text on stdout: the answer as it arrives. Byte for byte into a pipe; without control sequences on a terminal. */
import type { Output } from '../deps.ts';
import type { OutputDocumentEvent } from '../events.ts';
import type { DryRun } from '../schemas/chat.ts';
import type { MediaFailure, MediaSuccess } from '../schemas/media.ts';
import type { Renderer } from './format.ts';
import { TerminalText } from './sanitize.ts';

export function textRenderer(output: Output): Renderer {
  const terminal = output.isTerminal ? new TerminalText() : null;
  let last = '';
  // Half a character has no bytes of its own: it waits for its other half.
  let half = '';
  let wroteBytes = false;

  async function write(text: string): Promise<void> {
    const whole = half + (terminal ? terminal.clean(text) : text);
    half = /[\ud800-\udbff]$/.test(whole) ? whole.slice(-1) : '';
    const shown = half === '' ? whole : whole.slice(0, -1);
    if (shown === '') return;
    last = shown.at(-1) ?? last;
    await output.write(shown);
  }

  return async (event) => {
    if (event.type === 'delta') await write(event.text);
    else if (event.type === 'output') await write(await contentText(event.content, output));
    else if (event.type === 'bytes') {
      wroteBytes = true;
      await output.write(event.bytes);
    } else if (event.type === 'result' && 'dry_run' in event) await write(dryRunText(event));
    else if ((event.type === 'result' || event.type === 'error') && 'files' in event && !wroteBytes)
      await write(mediaText(event));
    // An answer that does not end in a line end gets one, also when it broke off.
    const isEnd = event.type === 'result' || event.type === 'error' || event.type === 'output';
    if (isEnd && half !== '') await output.write(half);
    if (isEnd && last !== '' && last !== '\n') await write('\n');
  };
}

async function contentText(
  content: OutputDocumentEvent['content'],
  output: Output,
): Promise<string> {
  if ('text' in content) return content.text;
  const { drawTable, tabSeparated } = await import('./table.ts');
  return output.isTerminal ? drawTable(content.table, output.columns) : tabSeparated(content.table);
}

/** A path a line; the id of the task where there is no file to come. */
function mediaText(document: MediaSuccess | MediaFailure): string {
  const lines = document.files.map(({ path }) => path);
  if (lines.length === 0 && document.ok && document.task_id !== null) lines.push(document.task_id);
  return lines.map((line) => `${line}\n`).join('');
}

function dryRunText({ request, tokens, price }: DryRun): string {
  return `${JSON.stringify({ request, tokens, price }, null, 2)}\n`;
}
