/** The text of /help, at widths of terminals. */
import { expect, test } from 'vitest';
import {
  commandNames,
  helpOn,
  helpText,
} from '../../../src/frontends/conversation/command-names.ts';

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

test('/help is one screen of 80 columns and 24 lines, with the line that asked and the next prompt', () => {
  const lines = helpText(80).trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(22);
  for (const name of commandNames)
    expect(lines.filter((line) => new RegExp(`^/${name}\\b.* {2}\\S`).test(line))).toHaveLength(1);
});

test.each([...commandNames, 'keys' as const])('/help %s fits the terminal', (topic) => {
  for (const columns of [40, 80]) {
    const text = helpOn(topic, columns);
    expect(text.split('\n').filter((line) => line.length >= columns)).toEqual([]);
    expect(text).toContain(topic === 'keys' ? 'Ctrl-C' : `/${topic}`);
  }
});
