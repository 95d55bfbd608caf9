/** Chooses the renderer, once, and runs the events through it. A renderer never fetches, exits or judges success. */
import type { Deps } from '../../base/deps.ts';
import { shellCodes, systemErrorCode } from '../../base/errors.ts';
import type { Format } from '../../flags/common-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { jsonlRenderer, jsonRenderer } from './json.ts';
import { type NoteOptions, Notes } from './notes.ts';
import { makePaint, wantsColour } from './paint.ts';
import { createSpinner } from './spinner.ts';
import { textRenderer } from './text.ts';

export interface RenderOptions extends NoteOptions {
  format: Format;
  noColour: boolean;
}

const renderers = { text: textRenderer, json: jsonRenderer, jsonl: jsonlRenderer } as const;

/** Of a terminal that does not say. */
const USUAL_ROWS = 24;

/**
 * Shows all events in order; rejects when stdout cannot be written. An answer that is being paid for is read to its end then, so that
 * it is saved whole, unless its reader went away; nothing new begins.
 */
export async function render(
  events: AsyncIterable<OutputEvent>,
  options: RenderOptions,
  deps: Pick<Deps, 'stdout' | 'stderr' | 'env' | 'clock'>,
): Promise<void> {
  const notes = makeNotes(options, deps);
  const { noColour } = options;
  const terminal = { isTerminal: deps.stdout.isTerminal, env: deps.env, noColour };
  const show = renderers[options.format](deps.stdout, terminal, options.secrets);
  let lost = null as { error: unknown } | null;
  try {
    for await (const event of events) {
      if (lost !== null && event.type === 'step') break;
      await notes.show(event);
      if (lost === null)
        await show(event).catch((error: unknown) => {
          if (!ofAnswer.has(event.type) || isClosed(error)) throw error;
          lost = { error };
        });
      const isShown =
        lost === null || event.type !== 'error' || event.error.exit > shellCodes.signals;
      if (isShown) await notes.conclude(event);
    }
    if (lost !== null) throw lost.error;
  } catch (error) {
    await notes.sayHeld();
    throw error;
  }
}

/** Events while an answer comes, and at its end: it is being paid for, and nothing else begins before it is saved. */
const ofAnswer: ReadonlySet<OutputEvent['type']> = new Set([
  ...(['delta', 'reasoning', 'usage', 'cost', 'result'] as const),
]);

/** The reader of a pipe went away. */
export function isClosed(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

/** The stderr side alone, for a failure after the renderer is gone. */
export function makeNotes(
  options: NoteOptions & { noColour: boolean },
  { stderr, env, clock }: Pick<Deps, 'stderr' | 'env' | 'clock'>,
): Notes {
  const terminal = { isTerminal: stderr.isTerminal, env, noColour: options.noColour };
  const paint = makePaint(terminal);
  // A terminal of no known width cannot be drawn on: ora would count its lines for ever.
  const { columns, terminal: stream } = stderr;
  if (columns === undefined || env.TERM === 'dumb') return new Notes(stderr, options, paint);
  const colour = wantsColour(terminal);
  const previews = { env, columns, rows: stream?.rows || USUAL_ROWS, colour };
  const drawing = { ...options, previews };
  return stream === undefined
    ? new Notes(stderr, drawing, paint)
    : new Notes(stderr, drawing, paint, createSpinner(stream, colour, clock));
}
