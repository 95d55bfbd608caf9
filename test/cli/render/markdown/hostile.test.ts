/** Answers that are made to be slow or large: time is linear in the length, and so is what is printed. */
import { expect, test } from 'vitest';
import { printed } from '../../../helpers/markdown.ts';
import { isTurnOf } from '../../../helpers/share.ts';

const SMALL = 40_000;
const TIMES = 8;
/** Of the CPU of the larger one to the smaller one: linear is 8, quadratic 64. */
const MOST = 30;
/** Less cannot be compared. */
const LEAST_MS = 20;

const answers: readonly (readonly [string, (length: number) => string])[] = [
  ['one line without spaces', (length) => 'x'.repeat(length)],
  ['one line of words', (length) => 'word '.repeat(length / 5)],
  ['Chinese without a line end', (length) => '中'.repeat(length)],
  ['combining marks', (length) => `e${'\u0301'.repeat(length)}`],
  ['backticks', (length) => `a${'`'.repeat(length)}`],
  ['backticks in many lengths', (length) => 'a`b``c```d````e'.repeat(length / 15)],
  ['stars that open', (length) => '**a *b '.repeat(length / 7)],
  ['stars that open and close', (length) => 'a*b*c_d_'.repeat(length / 8)],
  ['brackets', (length) => '[!['.repeat(length / 3)],
  ['links', (length) => '[a](b '.repeat(length / 6)],
  ['nested quotes', (length) => `${'>'.repeat(length / 2)}\n${'a\n'.repeat(length / 4)}`],
  ['nested lists', (length) => `${'- '.repeat(length / 4)}\n${'\n'.repeat(length / 2)}`],
  ['an open fence', (length) => `\`\`\`\n${'code\n'.repeat(length / 5)}`],
  ['fences in a fence', (length) => `\`\`\`\`\n${'```\n'.repeat(length / 4)}`],
  ['a table', (length) => `|a|b|\n|-|-|\n${'| **c** | d |\n'.repeat(length / 14)}`],
  ['heads of tables', (length) => '|a\n'.repeat(length / 3)],
  ['one row', (length) => '|'.repeat(length)],
  ['spaces', (length) => `a${' '.repeat(length)}`],
  ['rules that are none', (length) => `${'- '.repeat(length / 2)}x`],
  ['references', (length) => '&#x&amp'.repeat(length / 7)],
  ['angles', (length) => '<a'.repeat(length / 2)],
];

test.each(answers.filter((_, index) => isTurnOf(index, 3)))('%s', (_what, make) => {
  const [small, large] = [make(SMALL), make(SMALL * TIMES)];
  printed(pieces(small));
  const before = cpu(() => printed(pieces(small)));
  let shown = '';
  const after = cpu(() => {
    shown = printed(pieces(large));
  });
  expect(after / Math.max(before, LEAST_MS)).toBeLessThan(MOST);
  expect(shown.length).toBeLessThan(40 * large.length);
});

function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,50}/gu) ?? [];
}

/** Milliseconds. */
function cpu(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
