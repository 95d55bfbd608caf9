/** How a page of help is laid out: as wide as the terminal, up to a limit, and never inside a word. It writes no text of its own. */
import type { Help, HelpConfiguration } from 'commander';
import { bold } from '../base/bold.ts';
import { type Example, exampleLines } from '../flags/help-text.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;
/** Where the width is not known: into a pipe. */
const USUAL = 80;
/** A narrower terminal breaks words by itself. */
const NARROWEST = 20;
/** From this width on, a description stands beside its term. */
const BESIDE = 60;
const INDENT = '  ';
const GAP = 2;

export function helpWidthOf(columns: number | undefined): number {
  return Math.max(NARROWEST, Math.min(columns ?? USUAL, WIDEST));
}

export function helpConfiguration(columns: number | undefined): HelpConfiguration {
  return {
    helpWidth: helpWidthOf(columns),
    minWidthToWrap: 14,
    showGlobalOptions: false,
    styleTitle: bold,
    styleUsage,
    formatItem,
    // Every command has options; repeating that in each line adds nothing.
    subcommandTerm: (command) =>
      `${command.name()} ${command.usage()}`.replace(' [options]', '').trim(),
  };
}

function styleUsage(this: Help, usage: string): string {
  const lead = 'Usage: '.length;
  const lines = this.boxWrap(usage, (this.helpWidth ?? USUAL) - lead).split('\n');
  return lines.join(`\n${' '.repeat(lead)}`);
}

/** A description beside its term; below it, a little to the right, where the term is long or the terminal narrow. */
function formatItem(
  this: Help,
  term: string,
  termWidth: number,
  description: string,
  helper: Help,
): string {
  const whole = helper.helpWidth ?? USUAL;
  if (description === '') return INDENT + term;
  const column = Math.min(termWidth, Math.floor(whole * 0.44));
  const isBeside = whole >= BESIDE && helper.displayWidth(term) <= column;
  if (isBeside) {
    const lead = INDENT.length + column + GAP;
    const [first = '', ...rest] = helper.boxWrap(description, whole - lead).split('\n');
    const head = INDENT + term + ' '.repeat(column - helper.displayWidth(term) + GAP) + first;
    return [head, ...rest.map((line) => ' '.repeat(lead) + line)].join('\n');
  }
  const lead = whole >= BESIDE ? INDENT.length + column + GAP : INDENT.length * 3;
  const room = whole - lead;
  const termLines = helper.boxWrap(term, whole - INDENT.length).split('\n');
  return [
    ...termLines.map((line, at) => (at === 0 ? INDENT : INDENT.repeat(2)) + line),
    ...helper
      .boxWrap(description, room)
      .split('\n')
      .map((line) => ' '.repeat(lead) + line),
  ].join('\n');
}

const steps: readonly Example[] = [
  ['alltoken chat -g sandbox "Hello"', 'without a key: no charge, no model'],
  ['alltoken login', 'store the key of a gateway'],
  ['alltoken config doctor', 'check config, key and connection'],
];

const more: readonly Example[] = [
  'alltoken help <command>',
  ['alltoken help exit-codes', 'what each exit code means'],
  ['alltoken help environment', 'the variables that change what it does'],
];

/** What the page of the program ends with. */
export function firstSteps(help: Help, width: number): string {
  help.helpWidth = width;
  return `\n${exampleLines('First steps:', steps, help)}\n\n${exampleLines('More help:', more, help)}`;
}
