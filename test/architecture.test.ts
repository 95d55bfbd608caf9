import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { page } from './helpers/documents.ts';
import { rowsUnder } from './helpers/markdown-table.ts';

const src = join(dirname(fileURLToPath(import.meta.url)), '../src');

/** Which rooms (folders, or files at the top) each may import, as docs/architecture.md has it; itself is always allowed. No room is exempt. */
const may: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  rowsUnder(page('docs/architecture.md'), '| room | what is in it | imports |').map(
    ([room = '', , imports = '']) => [
      room.replaceAll('`', ''),
      imports === 'nothing' ? [] : imports.split(', '),
    ],
  ),
);

interface Import {
  file: string;
  from: string;
  to: string;
  /** Below src, as `file`. */
  target: string;
  typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sourceFiles(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function roomOf(file: string): string {
  const [first = ''] = relative(src, file).split('/');
  return first;
}

const all = sourceFiles(src).map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const imports: Import[] = all.flatMap(({ file, text }) =>
  [
    ...text.matchAll(
      /(import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
    ),
  ].map((match) => {
    const target = normalize(join(dirname(file), match[3] ?? match[4] ?? ''));
    return {
      file: relative(src, file),
      from: roomOf(file),
      to: roomOf(target),
      target: relative(src, target),
      typeOnly: match[2] !== undefined,
    };
  }),
);

/** Files that reach themselves, each circle once, by Tarjan's strongly connected components. */
function circles(): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target]);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file) ?? 0);
    open.push(file);
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) low.set(file, Math.min(low.get(file) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return found;
}

describe('the house', () => {
  test('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(Object.keys(may).length).toBeGreaterThan(10);
  });

  test.each(Object.entries(may))('%s imports only what is below it', (room, allowed) => {
    const wrong = imports.filter(
      ({ from, to }) => from === room && to !== room && !allowed.includes(to),
    );
    expect(wrong).toEqual([]);
  });

  test('has one row for each room in docs/architecture.md, and no other', () => {
    const rooms = [...new Set(all.map(({ file }) => roomOf(file)))];
    expect(Object.keys(may).sort()).toEqual(rooms.sort());
    const known = new Set(rooms);
    expect(Object.values(may).flatMap((names) => names.filter((name) => !known.has(name)))).toEqual(
      [],
    );
  });

  test('gateways and schemas are data: they import types of each other at most', () => {
    const wrong = imports.filter(
      ({ from, to, typeOnly }) =>
        (from === 'gateways' || from === 'schemas') && to !== from && !typeOnly,
    );
    expect(wrong).toEqual([]);
  });

  test('no command imports another', () => {
    const own = (file: string): string => file.split('/')[1] ?? '';
    const wrong = imports.filter(
      ({ file, target }) =>
        file.startsWith('commands/') && target.startsWith('commands/') && own(file) !== own(target),
    );
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  test('only tests of the project nock load nock, which replaces the network of its process', () => {
    const loads = sourceFiles(join(src, '../test'))
      .filter((file) => /from '(nock|\.[^']*\/mocked\.ts)'/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file))
      .filter((file) => !/\.nock\.test\.ts$|\/mocked\.ts$|\/peers\//.test(file));
    expect(loads).toEqual([]);
  });

  test('no file imports itself by a way round', () => {
    expect(circles()).toEqual([]);
  });

  test('no room is more than a sixth of the house', () => {
    const lines = new Map<string, number>();
    for (const { file, text } of all)
      lines.set(roomOf(file), (lines.get(roomOf(file)) ?? 0) + text.split('\n').length);
    const whole = [...lines.values()].reduce((sum, count) => sum + count, 0);
    expect([...lines].filter(([, count]) => count * 6 > whole).map(([room]) => room)).toEqual([]);
  });

  test.each([
    ['process', /\bprocess\./],
    ['console', /\bconsole\./],
    ['the choice of a path module', /\b(posix|win32)\b[^']*node:path|win32 : posix/],
    ['the global fetch', /globalThis\.fetch|(?<![.\w])fetch\('/],
    [
      'a timer or the time',
      /\bset(Timeout|Interval|Immediate)\(|AbortSignal\.timeout|node:timers|Date\.now\(|performance\.now|new Date\(\)/,
    ],
  ])('only main.ts and edge touch %s', (_name, pattern) => {
    const wrong = all.filter(
      ({ file, text }) =>
        !file.endsWith('/main.ts') &&
        roomOf(file) !== 'edge' &&
        pattern.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => relative(src, file))).toEqual([]);
  });

  test('nobody asks which gateway it is, outside gateways/', () => {
    const wrong = all.filter(
      ({ file, text }) => roomOf(file) !== 'gateways' && /gateway(Id|\.id)\s*[!=]==/.test(text),
    );
    expect(wrong.map(({ file }) => relative(src, file))).toEqual([]);
  });

  test('nothing decides by reading the message or the hint of an error', () => {
    const wrong = all.flatMap(({ file, text }) =>
      withoutComments(text)
        .split('\n')
        .filter((line) => reading.some((pattern) => pattern.test(line)))
        .map((line) => `${relative(src, file)}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  test('only errors.ts knows exit numbers', () => {
    const wrong = all.flatMap(({ file, text }) =>
      file.endsWith('/base/errors.ts')
        ? []
        : exitNumbersIn(withoutComments(text)).map((found) => `${relative(src, file)}: ${found}`),
    );
    expect(wrong).toEqual([]);
  });

  test.each([
    'error.exitCode > 100',
    'if (exit >= 30 && exit < 40)',
    '130 === error.exitCode',
    'error.exitCode >= exitCodes.no_key.code',
    'exitCodes.partial.code <= code',
    '{ ok: true, exit: 0 }',
    'process.exitCode = 1',
    'error?.exit ?? 0',
    'const { exitCode = 1 } = error',
    'process.exit(1)',
    '[27, 30].includes(error.exitCode)',
    'error.exit === 27 ? a : b',
  ])('sees an exit number in %s', (line) => {
    expect(exitNumbersIn(line)).not.toEqual([]);
  });

  test.each([
    'error.isStop',
    "error.exit === 'usage'",
    'exit: error.exitCode',
    'exit: EXIT_OK',
    'exit: z.literal(0)',
    'code === exitCodes.usage.code',
  ])('sees none in %s', (line) => {
    expect(exitNumbersIn(line)).toEqual([]);
  });
});

/** A sentence that is searched, and an expression that is held against one. */
const reading: readonly RegExp[] = [
  /\b(message|hint)\??\.(includes|startsWith|endsWith|indexOf|search|match|matchAll)\(/,
  /\.(test|exec)\([^()]*(\.message|\bhint)\b/,
];

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/ .*$/gm, '');
}

/** Every form in which a number would stand for an exit code. */
function exitNumbersIn(text: string): string[] {
  const forms = [
    /\bexit(Code)?\s*(([!=]=|[<>])=?|[:=]|\?\?)\s*-?\d+/g,
    /\b\d+\s*([!=]==?|[<>]=?)\s*[\w.?]*\bexit(Code)?\b/g,
    /\bexit\(\d+/g,
    /\[[\d\s,]+\]\.includes\([\w.?]*\bexit(Code)?\b/g,
    /\bexitCodes[\w.[\]]*\.code\s*[<>]/g,
    /[<>]=?\s*exitCodes\b/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map(([found]) => found));
}
