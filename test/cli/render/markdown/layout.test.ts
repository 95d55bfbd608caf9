/** What each kind of markdown looks like, and what stays as it was written. */
import { describe, expect, test } from 'vitest';
import { MarkdownText } from '../../../../src/cli/render/markdown/markdown.ts';
import { layout, printed, unstyled } from '../../../helpers/markdown.ts';

const bold = (text: string) => `\u001b[1m${text}\u001b[0m`;
const code = (text: string) => `\u001b[36m${text}\u001b[0m`;

describe('inline', () => {
  test.each([
    ['strong', '**a b** c', `${bold('a b')} c`],
    ['emphasis', '*a* _b_', '\u001b[3ma\u001b[0m \u001b[3mb\u001b[0m'],
    ['both', '***a*** b', '\u001b[1;3ma\u001b[0m b'],
    ['emphasis in strong', '**a *b* c**', '\u001b[1ma \u001b[3mb\u001b[23m c\u001b[0m'],
    ['two ends at once', '**a *b***', '\u001b[1ma \u001b[3mb\u001b[0m'],
    ['strikethrough', '~~a~~', '\u001b[9ma\u001b[0m'],
    ['code', '`a  *b*`', code('a  *b*')],
    ['code with backticks', '`` a`b ``', code('a`b')],
    ['a link', '[a](https://b.example)', '\u001b[4ma\u001b[0m (https://b.example)'],
    [
      'a link that is its text',
      '[https://b.example](https://b.example).',
      '\u001b[4mhttps://b.example\u001b[0m.',
    ],
    ['a mail address', '[a@b.example](mailto:a@b.example)', '\u001b[4ma@b.example\u001b[0m'],
    ['an image', '![a cat](cat.png)', '\u001b[4ma cat\u001b[0m (cat.png)'],
    ['an address in brackets', '<https://b.example>', '\u001b[4mhttps://b.example\u001b[0m'],
    ['strong Chinese before its colon', '**重点：**内容', `${bold('重点：')}内容`],
  ])('%s', (_what, text, shown) => {
    expect(printed([text])).toBe(shown);
  });

  test.each([
    ['stars between numbers', '2 * 3 * 4'],
    ['names', 'snake_case_name and __init'],
    ['arguments', 'f(*args, **kwargs) takes both'],
    ['a star at the end', 'price*'],
    ['an index and a call', 'f[i](x, y)'],
    ['a footnote', 'text[^1] and [ref][1]'],
    ['HTML', 'a<br>b <b>c</b> 1 < 2'],
    ['an unknown reference', '&nope; AT&T ?a=1&b=2'],
    ['a backtick', 'press the ` key'],
    ['a tilde', '~5 minutes ~ 10'],
    ['a path', 'C:\\Users\\me'],
  ])('%s stay as written', (_what, text) => {
    expect(printed([text])).toBe(text);
  });

  test.each([
    ['escapes', '\\*a\\* \\_b\\_ \\`c\\`', '*a* _b_ `c`'],
    ['references', '&lt;a&gt; &amp; &#8212; &#x2014;', '<a> & — —'],
    ['references of control characters', 'a&#27;[31m&#x202e;&#0;', 'a\ufffd[31m\ufffd\ufffd'],
    ['a title', '[a](b "c d") e', 'a (b) e'],
    ['an address with parentheses', '[a](b_(c)) d', 'a (b_(c)) d'],
    ['line breaks', 'a  \nb\\\nc\nd', 'a\nb\nc\nd'],
  ])('%s', (_what, text, shown) => {
    expect(layout(text)).toBe(shown);
  });

  test('an end more than a line away counts for two stars, and not for one', () => {
    const far = 'word '.repeat(30).trim();
    expect(layout(`**${far}** *${far}*`, 200).replace(/\s+/g, ' ')).toBe(`${far} ${far}`);
    expect(layout(`**${far}** *${far}*`, 40).replace(/\s+/g, ' ')).toBe(`${far} *${far}*`);
  });
});

describe('blocks', () => {
  test.each([
    ['headings', '# A\n## B ##\ntext', 'A\nB\ntext'],
    ['a heading by its underline', 'Title\n=====\ntext', 'Title\n═════\ntext'],
    ['no heading', '#tag\n####### seven', '#tag\n####### seven'],
    ['a quote', '> a\n> > b\nlazy', '│ a\n│ │ b\n│ │ lazy'],
    ['a list', '- a\n- b\n  - c\n\nd', '• a\n• b\n  • c\n\nd'],
    ['numbers', '9. a\n10. b\n    more', '9. a\n10. b\n    more'],
    ['tasks', '- [ ] a\n- [x] b\n1. [X] c', '[ ] a\n[x] b\n1. [X] c'],
    ['a quote in a list', '1. a\n   > b', '1. a\n   │ b'],
    ['a date', '2024 was\n1986.5 too', '2024 was\n1986.5 too'],
    ['lines of HTML', '<div>\n*a*\n</div>', '<div>\na\n</div>'],
    ['no setext underline behind a blank line', 'a\n\n===', 'a\n\n==='],
  ])('%s', (_what, text, shown) => {
    expect(layout(text)).toBe(shown);
  });

  test('a rule is as wide as the line, and 80 at most', () => {
    expect(layout('***\n', 40)).toBe(`${'─'.repeat(40)}\n`);
    expect(layout('- - -\n', 200)).toBe(`${'─'.repeat(80)}\n`);
  });

  test('a deep list leaves half of the line', () => {
    const lines = layout(`${'- '.repeat(30)}some words that wrap`, 20).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(20);
    expect(
      lines
        .join(' ')
        .replace(/[•\s]+/g, ' ')
        .trim(),
    ).toContain('some words that wrap');
  });
});

describe('code', () => {
  const exact = '\tif a  <  b:\n        print("**no** `markup`")   \n\n    # the rest';

  test.each([
    ['backticks', `\`\`\`python\n${exact}\n\`\`\``],
    ['tildes around backticks', `~~~~\n${exact}\n~~~~\n`],
    ['no end', `\`\`\`\n${exact}`],
  ])('between %s is printed as it is', (_what, text) => {
    expect(layout(text, 20).trimEnd()).toBe(exact);
  });

  test('in a list stands at the edge, without the indent of the list, also where a line has too little of it', () => {
    const text = '1. a\n\n   ```\n   b\n     c\n d\n   ```\n2. e';
    expect(layout(text)).toBe('1. a\n\nb\n  c\nd\n\n2. e');
  });

  test('is set off from the text around it', () => {
    expect(layout('a\n```\nb\n```\nc')).toBe('a\n\nb\n\nc');
  });

  test('by indent is printed without it', () => {
    expect(layout('a\n\n    b\n      c\n\nd')).toBe('a\n\nb\n  c\n\nd');
  });

  test('takes a line as its end only if it is one', () => {
    expect(layout('````\n```\n````x\n````\nafter')).toBe('```\n````x\n\nafter');
  });
});

describe('lines', () => {
  test('end at words', () => {
    expect(layout('one two three four', 10)).toBe('one two\nthree four');
    expect(layout('- one two three four', 10)).toBe('• one two\n  three\n  four');
  });

  test('that are as wide as the terminal are not broken', () => {
    expect(layout('12345 7890 abcde', 10)).toBe('12345 7890\nabcde');
  });

  test('keep a word that is longer than they are', () => {
    const word = 'x'.repeat(25);
    expect(layout(`a ${word} b`, 10)).toBe(`a\n${word} b`);
  });

  test('count cells, not characters', () => {
    expect(layout('中文中文中文 ab', 10)).toBe('中文中文中\n文 ab');
    expect(layout('e\u0301e\u0301e\u0301 👩‍👩‍👧 ab cd', 10)).toBe(
      'e\u0301e\u0301e\u0301 👩‍👩‍👧 ab\ncd',
    );
    expect(layout('한국어 한국어', 10)).toBe('한국어\n한국어');
  });

  test('do not begin with a closing mark of Chinese', () => {
    expect(layout('一二三四五。六', 10)).toBe('一二三四\n五。六');
  });

  test('follow the window', () => {
    let columns = 20;
    const text = new MarkdownText({ columns: () => columns, colour: true });
    const before = text.push('one two three four five six ');
    columns = 10;
    expect(before + text.push('seven eight nine ten eleven') + text.end()).toBe(
      'one two three four\nfive six seven eight\nnine ten\neleven',
    );
  });

  test('are held back for one line at most', () => {
    const words =
      'some *words* and `code` of [a link](https://a.example) **and** the_rest, 2 * 3; '.repeat(5);
    const text = new MarkdownText({ columns: () => 40, colour: true });
    let shown = 0;
    for (const [at, char] of [...words].entries()) {
      shown += unstyled(text.push(char)).length;
      // Marks of markdown are not shown: of these, at most one character in eight.
      expect(at + 1 - shown).toBeLessThan(40 + 28 + (at + 1) / 8);
    }
  });
});

describe('tables', () => {
  const table = '| Name | Count |\n|:--|--:|\n| apples and pears | 5 |\n| **b** | 1000 |\n';

  test('are aligned', () => {
    expect(layout(table)).toBe(
      'Name             │ Count\n─────────────────┼──────\napples and pears │     5\nb                │  1000\n',
    );
  });

  test('wrap their cells in a narrow window', () => {
    expect(layout(table, 18)).toBe(
      'Name       │ Count\n───────────┼──────\napples and │     5\npears      │ \nb          │  1000\n',
    );
  });

  test('are lists where words would break', () => {
    expect(layout(table, 12)).toBe('Name: apples\n  and pears\nCount: 5\n\nName: b\nCount: 1000\n');
  });

  test('have bars in cells, fewer cells and more', () => {
    expect(layout('|a|b|\n|-|-|\n|x\\|y|\n|1|2|3|')).toBe('a   │ b\n────┼──\nx|y │ \n1   │ 2\n');
  });

  test.each([
    ['no second line', '| a |\ntext'],
    ['another number of cells', '| a | b |\n|---|\n'],
    ['nothing else', '| a'],
  ])('are text with %s', (_what, text) => {
    expect(layout(text).trimEnd()).toBe(text.trimEnd());
  });

  test('of many rows appear before they end', () => {
    const head = '| a | b |\n|---|---|\n';
    const rows = '| 1 | 2 |\n'.repeat(600);
    const shown = unstyled(printed([head, rows, 'x']));
    expect(shown.split('\n').filter((line) => line === '1 │ 2')).toHaveLength(600);
  });
});

describe('colour', () => {
  const text = '# A\n`b` **c** [d](e)\n> f\n\n```\ng\n```\n';

  test('is not needed for structure', () => {
    const shown = printed([text], { colour: false });
    expect(shown).toContain('\u001b[1;4mA');
    expect(shown).toContain('`b` \u001b[1mc\u001b[0m \u001b[4md\u001b[0m (e)');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is one of these
    expect(shown).not.toMatch(/\u001b\[[\d;]*(?:3\d|9\d)/);
  });

  test('is the only difference', () => {
    const plain = unstyled(printed([text], { colour: false }));
    expect(unstyled(printed([text])).replace('b c', '`b` c')).toBe(plain);
  });
});
