import { describe, expect, test } from 'vitest';
import { drawTable, tabSeparated } from '../../../src/cli/render/table.ts';
import type { Table } from '../../../src/schemas/events.ts';

const same = (text: string): string => text;

function draw(table: Table, columns?: number): string {
  return drawTable(table, columns, same);
}

const prices: Table = {
  head: ['id', 'input $/M', 'context'],
  align: ['left', 'right', 'right'],
  optional: [2],
  rows: [
    ['gpt-5.4-nano', '0.20', '400k'],
    ['gpt-5.4-pro', '30.00', '1.05M'],
  ],
};

describe('a table for people', () => {
  test('has no lines, two blanks between columns, and none at the end of a line', () => {
    expect(
      draw({
        head: ['what', 'where'],
        rows: [
          ['a', 'b'],
          ['longer', 'c'],
        ],
      }),
    ).toBe('what    where\na       b\nlonger  c\n');
  });

  test.each([undefined, 30, 8])(
    'never breaks its lines where a cell does, at width %j',
    (columns) => {
      const rows = [['m\n[usage] cost=$0', 'a\tb\r\n\u2028\u001b[1mc', '1']];
      const shown = draw({ head: ['model', 'tag', 'n'], rows }, columns);
      expect(shown).toContain('m [usage] cost=$0');
      expect(shown).toContain('a b c');
      expect(shown).not.toMatch(/[\t\r\u2028]/);
    },
  );

  test('lets the ends of numbers meet', () => {
    expect(draw(prices)).toBe(
      'id            input $/M  context\ngpt-5.4-nano       0.20     400k\ngpt-5.4-pro       30.00    1.05M\n',
    );
  });

  test('is drawn as it is where it just fits', () => {
    expect(draw(prices, 32)).toBe(draw(prices));
  });

  test('first gives up the room between its columns', () => {
    expect(draw(prices, 31)).toBe(
      'id           input $/M context\ngpt-5.4-nano      0.20    400k\ngpt-5.4-pro      30.00   1.05M\n',
    );
  });

  test('then puts the words of its head below one another', () => {
    expect(draw(prices, 29)).toBe(
      'id           input context\n               $/M\ngpt-5.4-nano  0.20    400k\ngpt-5.4-pro  30.00   1.05M\n',
    );
  });

  test('then leaves out what it can do without', () => {
    expect(draw(prices, 25)).toBe(
      'id            input $/M\ngpt-5.4-nano       0.20\ngpt-5.4-pro       30.00\n',
    );
  });

  test('leaves out the first of these first', () => {
    const table = { ...prices, optional: [1, 2] };
    expect(draw(table, 22)).toBe(
      'id            context\ngpt-5.4-nano     400k\ngpt-5.4-pro     1.05M\n',
    );
  });

  test('stacks its rows, all of them whole, where nothing else helps', () => {
    expect(draw(prices, 12)).toBe(
      'id: gpt-5.4-nano\ninput $/M: 0.20\ncontext: 400k\n\nid: gpt-5.4-pro\ninput $/M: 30.00\ncontext: 1.05M\n',
    );
  });

  test('counts wide characters as two', () => {
    const table = {
      head: ['名前', 'n'],
      rows: [
        ['日本語', '1'],
        ['a😀', '2'],
      ],
    };
    expect(draw(table)).toBe('名前    n\n日本語  1\na😀     2\n');
    expect(draw(table, 9)).toBe(draw(table));
    expect(draw(table, 8)).toBe('名前   n\n日本語 1\na😀    2\n');
  });

  test('paints its head and nothing else', () => {
    const bold = (text: string): string => `<${text}>`;
    const [head, ...rows] = drawTable(prices, 80, bold).split('\n');
    expect(head).toBe('<id            input $/M  context>');
    expect(rows.join('\n')).not.toContain('<');
    expect(drawTable(prices, 29, bold)).toContain(
      '<id           input context>\n<               $/M>\n',
    );
  });

  test('lets no control sequence through, in a cell or in a head', () => {
    const table = { head: ['a\u001b[31m', 'b'], rows: [['\u001b]0;title\u0007x', 'y\u009b2J']] };
    expect(draw(table)).toBe('a  b\nx  y\n');
  });
});

describe('names with values', () => {
  const facts: Table = {
    head: [],
    rows: [
      ['id', 'gpt-5.4'],
      ['description', 'a model of which there is much to say'],
    ],
  };

  test('have no head', () => {
    expect(draw(facts)).toBe(
      'id           gpt-5.4\ndescription  a model of which there is much to say\n',
    );
  });

  test('are wrapped where the terminal is too narrow', () => {
    expect(draw(facts, 36)).toBe(
      'id           gpt-5.4\ndescription  a model of which there\n             is much to say\n',
    );
  });

  test('stand behind their names when a value has a word that does not fit', () => {
    const long = { head: [], rows: [['url', `https://example.com/${'x'.repeat(30)}`]] };
    expect(draw(long, 40)).toBe(`url: https://example.com/${'x'.repeat(30)}\n`);
  });
});

describe('a table for a pipe', () => {
  test('has tabs, and no head', () => {
    expect(tabSeparated(prices)).toBe('gpt-5.4-nano\t0.20\t400k\ngpt-5.4-pro\t30.00\t1.05M\n');
  });

  test('keeps a row on its line', () => {
    expect(tabSeparated({ head: [], rows: [['a\tb', 'c\r\nd']] })).toBe('a b\tc d\n');
  });

  test('says first which part a row is of', () => {
    expect(tabSeparated({ head: [], rows: [['a'], ['b']] }, 'part')).toBe('part\ta\npart\tb\n');
  });
});
