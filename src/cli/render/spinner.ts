/** A sign of life while nothing has come yet: only on a terminal, only after a moment, gone before the first word. */

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
}

export const noSpinner: Spinner = { draws: false, start: () => {}, stop: () => {} };

/** Draws on `terminal` with ora, which is loaded while we wait anyway. */
export function createSpinner(terminal: NodeJS.WriteStream, colour: boolean): Spinner {
  let timer: NodeJS.Timeout | null = null;
  let drawing: { stop(): void } | null = null;
  let wanted = 0;
  let shown = '';
  /** Of the first text: a line in between does not set the clock back. */
  let started = 0;

  async function draw(ticket: number): Promise<void> {
    const { default: ora } = await import('ora');
    if (ticket !== wanted) return;
    const label = (): string => `${shown} ${Math.floor((Date.now() - started) / 1000)} s`;
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
    const clock = setInterval(() => {
      spinner.text = label();
    }, 1000);
    // A job may take ten minutes, and each turn costs a millisecond: once it is clear that it lives, one a second will do.
    const calm = setTimeout(() => {
      spinner.stop();
      spinner.spinner = { interval: 1000, frames };
      spinner.start();
    }, CALM_AFTER_MS);
    drawing = {
      stop() {
        clearTimeout(calm);
        clearInterval(clock);
        spinner.stop();
      },
    };
  }

  return {
    draws: true,
    start(text) {
      shown = text;
      if (timer !== null || drawing !== null) return;
      wanted += 1;
      const ticket = wanted;
      const wait = started === 0 ? AFTER_MS : 0;
      if (started === 0) started = Date.now();
      timer = setTimeout(() => void draw(ticket), wait);
    },
    stop() {
      wanted += 1;
      if (timer) clearTimeout(timer);
      timer = null;
      drawing?.stop();
      drawing = null;
    },
  };
}
