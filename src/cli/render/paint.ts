/** Colour, decided per stream. */
import { styleText } from 'node:util';
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

/** A style of Node's own; whether the terminal is one that takes it was decided before. */
function styled(style: 'dim' | 'bold' | 'red' | 'yellow'): (text: string) => string {
  return (text) => styleText(style, text, { validateStream: false });
}

export function makePaint(terminal: ColourContext): Paint {
  if (!wantsColour(terminal)) return canBold(terminal) ? { ...plain, heading: bold } : plain;
  return {
    dim: styled('dim'),
    bold: styled('bold'),
    heading: bold,
    red: styled('red'),
    yellow: styled('yellow'),
  };
}
