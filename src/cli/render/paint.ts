/** Colour, decided per stream. chalk is loaded only when there is colour to make. */
import { bold } from '../../base/bold.ts';

export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  /** Structure, not colour: bold on every terminal that can. */
  heading(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const plain: Paint = {
  dim: (text) => text,
  bold: (text) => text,
  heading: (text) => text,
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

/** Bold is no colour: only a terminal that cannot, or none, goes without. */
function canBold({ isTerminal, env }: ColourContext): boolean {
  return isTerminal && env.TERM !== 'dumb';
}

export async function makePaint(terminal: ColourContext): Promise<Paint> {
  if (!wantsColour(terminal)) return canBold(terminal) ? { ...plain, heading: bold } : plain;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    dim: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
    heading: bold,
    red: (text) => chalk.red(text),
    yellow: (text) => chalk.yellow(text),
  };
}
