/** A sign of life while nothing has come yet: only on a terminal, only after a moment, gone before the first word. */
import type { Clock } from '../../base/deps.ts';

const AFTER_MS = 400;
const CALM_AFTER_MS = 10_000;
const frames = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];

export interface Spinner {
  /** false: nothing is ever drawn, so what it would say has to be said otherwise. */
  readonly draws: boolean;
  /** Shows the text and how long it has been shown; on a spinner that turns already only the text changes. */
  start(text: string): void;
  /** Takes it off the screen; safe to call at any time. */
  stop(): void;
  /** Runs `work` later, unless the function that it returns is called first, or the process ends. */
  after(milliseconds: number, work: () => void): () => void;
}

export const noSpinner: Spinner = {
  draws: false,
  start: () => {},
  stop: () => {},
  after: () => () => {},
};

/** Draws on `terminal` with ora, which is loaded while we wait anyway. */
export function createSpinner(
  terminal: NodeJS.WriteStream,
  colour: boolean,
  clock: Pick<Clock, 'monotonic' | 'after'>,
): Spinner {
  let cancel: (() => void) | null = null;
  let drawing: { stop(): void } | null = null;
  let wanted = 0;
  let shown = '';
  /** Of the first text: a line in between does not set the clock back. */
  let started: number | null = null;

  async function draw(ticket: number): Promise<void> {
    const { default: ora } = await import('ora');
    if (ticket !== wanted) return;
    const since = started ?? clock.monotonic();
    const label = (): string => `${shown} ${Math.floor((clock.monotonic() - since) / 1000)} s`;
    // The cursor stays: a process killed now must not leave the terminal without one. Standard input is not ours to touch.
    const spinner = ora({
      stream: terminal,
      text: label(),
      hideCursor: false,
      discardStdin: false,
      spinner: { interval: 120, frames },
      ...(colour ? {} : { color: false }),
    });
    spinner.start();
    const tick = (): void => {
      spinner.text = label();
      stopTicks = clock.after(1000, tick);
    };
    let stopTicks = clock.after(1000, tick);
    // A job may take ten minutes, and each turn costs a millisecond: once it is clear that it lives, one a second will do.
    const stopCalm = clock.after(CALM_AFTER_MS, () => {
      spinner.stop();
      spinner.spinner = { interval: 1000, frames };
      spinner.start();
    });
    drawing = {
      stop() {
        stopCalm();
        stopTicks();
        spinner.stop();
      },
    };
  }

  return {
    draws: true,
    start(text) {
      shown = text;
      if (cancel !== null || drawing !== null) return;
      wanted += 1;
      const ticket = wanted;
      const wait = started === null ? AFTER_MS : 0;
      started ??= clock.monotonic();
      cancel = clock.after(wait, () => void draw(ticket));
    },
    stop() {
      wanted += 1;
      cancel?.();
      cancel = null;
      drawing?.stop();
      drawing = null;
    },
    after: (milliseconds, work) => clock.after(milliseconds, work, 'background'),
  };
}
