/** A sign of life while nothing has come yet: only on a terminal, only after a moment, gone before the first word. */

const AFTER_MS = 400;

export interface Spinner {
  start(text: string): void;
  /** Takes it off the screen; safe to call at any time. */
  stop(): void;
}

export const noSpinner: Spinner = { start: () => {}, stop: () => {} };

/** Draws on `terminal` with ora, which is loaded while we wait anyway. */
export function createSpinner(terminal: NodeJS.WriteStream, colour: boolean): Spinner {
  let timer: NodeJS.Timeout | null = null;
  let drawing: { stop(): void } | null = null;
  let wanted = 0;

  async function draw(text: string, started: number, ticket: number): Promise<void> {
    const { default: ora } = await import('ora');
    if (ticket !== wanted) return;
    const label = (): string => `${text} ${Math.floor((Date.now() - started) / 1000)} s`;
    // The cursor stays: a process killed now must not leave the terminal without one. Standard input is not ours to touch.
    const spinner = ora({
      stream: terminal,
      text: label(),
      hideCursor: false,
      discardStdin: false,
      ...(colour ? {} : { color: false }),
    });
    spinner.start();
    const clock = setInterval(() => {
      spinner.text = label();
    }, 500);
    drawing = {
      stop() {
        clearInterval(clock);
        spinner.stop();
      },
    };
  }

  return {
    start(text) {
      wanted += 1;
      const ticket = wanted;
      const started = Date.now();
      timer = setTimeout(() => void draw(text, started, ticket), AFTER_MS);
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
