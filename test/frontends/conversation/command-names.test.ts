/** The text of /help, at widths of terminals. */
import { expect, test } from 'vitest';
import { helpText } from '../../../src/frontends/conversation/command-names.ts';

test.each([20, 32, 40, 60, 80, 200])(
  '/help breaks no word at %i columns, and says the same',
  (columns) => {
    const text = helpText(columns);
    const long = text.split('\n').filter((line) => line.length >= columns);
    // A single word, or a term, may be wider than a narrow terminal is.
    expect(
      columns < 32 ? long.filter((line) => line.trim().includes(' ') && !/^\S/.test(line)) : long,
    ).toEqual([]);
    expect(text.split(/\s+/)).toEqual(helpText(200).split(/\s+/));
  },
);
