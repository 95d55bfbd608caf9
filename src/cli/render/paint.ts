/** Colour, decided per stream. chalk is loaded only when there is colour to make. */

export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const plain: Paint = {
  dim: (text) => text,
  bold: (text) => text,
  red: (text) => text,
  yellow: (text) => text,
};

export interface ColourContext {
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** `--no-color` was given. */
  noColour: boolean;
}

/** The convention of no-color.org: NO_COLOR counts when it is set and not empty. */
export function wantsColour({ isTerminal, env, noColour }: ColourContext): boolean {
  return isTerminal && !noColour && !env.NO_COLOR && env.TERM !== 'dumb';
}

export async function makePaint(terminal: ColourContext): Promise<Paint> {
  if (!wantsColour(terminal)) return plain;
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}
