import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = join(dirname(fileURLToPath(import.meta.url)), '../src');

/** Which folders (or files at the top) each may import; itself is always allowed. `types` marks type-only imports. */
const leaves = ['deps', 'errors', 'events', 'json', 'lock', 'loopback', 'redact'];
const may: Readonly<Record<string, readonly string[]>> = {
  main: ['program', 'transport', 'system', ...leaves],
  quick: ['client', 'config', 'gateways', 'ledger', 'system', ...leaves],
  program: ['commands', 'present', 'render', ...leaves],
  present: ['commands', 'render', ...leaves],
  commands: [
    'budget',
    'client',
    'config',
    'gateways',
    'input',
    'jobs',
    'ledger',
    'money',
    'render',
    'sandbox',
    'schemas',
    'sessions',
    'transport',
    ...leaves,
  ],
  budget: ['ledger', 'money', 'schemas', ...leaves],
  jobs: ['client', 'gateways', 'ledger', 'money', 'schemas', 'transport', ...leaves],
  client: ['gateways', 'money', 'schemas', 'transport', ...leaves],
  config: ['gateways', 'schemas', ...leaves],
  input: [...leaves],
  sessions: [...leaves],
  ledger: ['money', 'schemas', ...leaves],
  money: ['schemas', ...leaves],
  render: ['money', 'schemas', ...leaves],
  sandbox: ['gateways', ...leaves],
  transport: [...leaves],
  system: ['deps'],
  gateways: [],
  schemas: [],
  events: ['schemas'],
  json: [],
  lock: ['deps'],
  loopback: [],
  redact: [],
  deps: [],
  errors: [],
};

interface Import {
  file: string;
  from: string;
  to: string;
  typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sourceFiles(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function roomOf(file: string): string {
  const [first = ''] = relative(src, file).split('/');
  return first.replace(/\.ts$/, '');
}

const all = sourceFiles(src).map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const imports: Import[] = all.flatMap(({ file, text }) =>
  [
    ...text.matchAll(
      /(import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g,
    ),
  ].map((match) => ({
    file: relative(src, file),
    from: roomOf(file),
    to: roomOf(normalize(join(dirname(file), match[3] ?? match[4] ?? ''))),
    typeOnly: match[2] !== undefined,
  })),
);

describe('the house', () => {
  test('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  test.each(Object.entries(may))('%s imports only what is below it', (room, allowed) => {
    const wrong = imports.filter(
      ({ from, to }) => from === room && to !== room && !allowed.includes(to),
    );
    expect(wrong).toEqual([]);
  });

  test('has no room without a rule', () => {
    expect(
      [...new Set(all.map(({ file }) => roomOf(file)))].filter((room) => !(room in may)),
    ).toEqual([]);
  });

  test('gateways and schemas are data: they import types of each other at most', () => {
    const wrong = imports.filter(
      ({ from, to, typeOnly }) =>
        (from === 'gateways' || from === 'schemas') && to !== from && !typeOnly,
    );
    expect(wrong).toEqual([]);
  });

  test('no command imports another', () => {
    const own = (file: string): string => file.split('/')[1]?.replace(/\.ts$/, '') ?? '';
    const shared = [
      'aliases',
      'allowed-paths',
      'ask',
      'caps',
      'common-flags',
      'compact-tree',
      'context',
      'declare',
      'embedded',
      'executables',
      'find-model',
      'flag-values',
      'help-environment',
      'help-exit-codes',
      'help-text',
      'help-topics',
      'doctor',
      'index',
      'inner-deps',
      'man',
      'model-list',
      'money-flags',
      'media',
      'request-headers',
      'tree',
      'unsupported',
      'without-key',
    ];
    const wrong = all.flatMap(({ file, text }) => {
      const name = relative(src, file);
      if (!name.startsWith('commands/') || own(name) === 'index') return [];
      return [...text.matchAll(/from\s+'(\.[^']+)'/g)]
        .map((match) => relative(src, normalize(join(dirname(file), match[1] ?? ''))))
        .filter(
          (target) =>
            target.startsWith('commands/') &&
            own(target) !== own(name) &&
            !shared.includes(own(target)),
        )
        .map((target) => `${name} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test.each([
    ['process', /\bprocess\./],
    ['console', /\bconsole\./],
    ['the global fetch', /globalThis\.fetch|(?<![.\w])fetch\('/],
  ])('only main.ts touches %s', (_name, pattern) => {
    const wrong = all.filter(
      ({ file, text }) => !file.endsWith('/main.ts') && pattern.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => relative(src, file))).toEqual([]);
  });

  test('nobody asks which gateway it is, outside gateways/', () => {
    const wrong = all.filter(
      ({ file, text }) => roomOf(file) !== 'gateways' && /gateway(Id|\.id)\s*[!=]==/.test(text),
    );
    expect(wrong.map(({ file }) => relative(src, file))).toEqual([]);
  });

  test('only errors.ts knows exit numbers', () => {
    const wrong = all.filter(
      ({ file, text }) =>
        !file.endsWith('/errors.ts') &&
        /exit(Code)?\s*[:=]\s*[1-9]\d*\b/.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => relative(src, file))).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s\/\/ .*$/gm, '');
}
