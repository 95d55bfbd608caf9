import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';

/** What is typed, and the hint that has to follow. */
const mended: [string[], string][] = [
  [['batch', '-g', 'sandbox', 'nope.jsonl', '-o', 'o.jsonl'], 'alltoken batch --help'],
  [['chat', '-g', 'sandbox', '-f', './binary.dta', 'x'], 'did you mean ./binary.dat?\n'],
  [['chat', '-g', 'sandbox', '-o', 'ans.md', 'x'], 'save the text of the answer with >ans.md in '],
  [['chat', '-g', 'sandbox', '-o', 'text.json', 'x'], 'print the answer: leave out -o\n'],
  [['image', '-g', 'sandbox', '-o', 'text.json/', 'x'], 'choose another directory with -o\n'],
  [['chat', '-g', 'sandbox', '--var', 'a=1', 'x'], 'a template is a JSON file in '],
  [['config', 'doctor', '--live', '--report', 'new/'], 'alltoken config doctor --help'],
  [['batch', '-g', 'sandbox', 'rows.jsonl'], '-o rows.results.jsonl\n'],
  [['chat', '-g', 'sandbox', '-c', 'x'], 'alltoken chat -g sandbox --session main "your question"'],
  [['chat', '-g', 'sandbox', 'gpt-5.4-mini'], 'alltoken chat gpt-5.4-mini -g sandbox "your'],
  [['tasks', 'resume'], 'alltoken tasks, or: alltoken tasks resume --all\n'],
  [['init', '-'], 'alltoken init my-project\n'],
  [['chat', '-g', 'sandbox', '-f', 'nope.png', 'x'], 'alltoken chat --help'],
  [['chat', '-g', 'sandbox', '-f', '.', 'x'], 'alltoken chat --help'],
  [['chat', '-g', 'sandbox', '-f', 'binary.dat', 'x'], 'alltoken chat --help'],
  [['chat', '-g', 'sandbox', '--session', 'a/b', 'x'], '--session a-b'],
  [['chat', '-g', 'sandbox', '--schema', 'nope.json', 'x'], 'alltoken chat --help'],
  [['chat', '-g', 'sandbox', '-s', '@nope.md', 'x'], 'alltoken chat --help'],
  [['chat', '-g', 'sandbox', '--schema', 'text.json', 'x'], 'alltoken chat --help'],
  [['config', 'set', 'budget.dya', '5'], 'alltoken config set budget.day 5'],
  [['config', 'set', 'budget.day', '$5'], 'alltoken config set --help'],
  [['tasks', 'show', '-g', 'sandbox', 'xyz'], 'alltoken tasks'],
  [['sessions', 'rename', 'a', 'b'], 'alltoken sessions'],
  [['video', '-g', 'sandbox', '--no-download', '-o', 'a.mp4', 'x'], 'alltoken video --help'],
  [['serve', '-g', 'sandbox', '--tls-cert', 'a.pem'], 'alltoken serve --help'],
];

describe('every mistake that a person can mend has a hint with the next command', () => {
  test.each(mended)('%j', async (argv, hint) => {
    const world = fakeDeps();
    const { workingDirectory } = world.deps;
    writeFileSync(join(workingDirectory, 'binary.dat'), Buffer.from([0, 1, 2, 255]));
    writeFileSync(join(workingDirectory, 'text.json'), 'no JSON');
    const code = await world.run(...argv);
    expect([2, 24, 50], world.err()).toContain(code);
    expect(world.err()).toContain(`\nhint: ${hint}`);
    // A shell would read it as a redirection from a file of that name.
    expect(world.err()).not.toMatch(/\nhint: .*<\w/);
  });

  test('also with --json, as data', async () => {
    const world = fakeDeps();
    expect(await world.run('config', 'set', 'budget.day', '$5', '--json')).toBe(2);
    expect(world.json()).toMatchObject({
      error: {
        hint: 'alltoken config set --help',
        next: [{ do: 'run', argv: ['alltoken', 'config', 'set', '--help'] }],
      },
    });
  });
});

describe('a hint leads to the gateway of the failed command', () => {
  const closed = 'http://127.0.0.1:9/v1';

  test.each([
    ['-g', ['config', 'doctor', '-g', 'ollama'], 'alltoken config doctor -g ollama'],
    [
      '-g and --base-url',
      ['config', 'doctor', '-g', 'ollama', '--base-url', closed],
      `alltoken config doctor -g ollama --base-url ${closed}`,
    ],
    ['--base-url', ['chat', '--base-url', closed, 'Hi'], `--base-url ${closed}`],
  ])('by %s', async (_what, argv, words) => {
    const world = fakeDeps({ env: { ALLTOKEN_API_KEY: 'sk-at-test-0123456789abcdef' } });
    const code = await world.run(...argv);
    expect([20, 32], world.err()).toContain(code);
    const [, hint = ''] = /\nhint: (.*)/.exec(world.err()) ?? [];
    expect(hint).toContain(words);
  });

  test('of a key that is missing, too', async () => {
    const world = fakeDeps();
    expect(await world.run('models', '--prices', '-g', 'tokenhub', '--refresh')).toBe(20);
    expect(world.err()).toMatch(/\nhint: .*alltoken login .*-g tokenhub/);
  });

  test('and not where another gateway is the advice', async () => {
    const world = fakeDeps();
    expect(await world.run('video', '-g', 'openrouter', 'x')).toBe(2);
    expect(world.err()).not.toMatch(/hint: .*-g openrouter/);
  });
});

test.each([
  ['a gateway that nobody knows', ['-g', 'nosuch'], 'alltoken config gateways'],
  [
    'a base URL that is refused',
    ['-g', 'sandbox', '--base-url', 'http://gateway.example/v1'],
    'alltoken config doctor -g sandbox',
  ],
])('%s is not in the step that follows it', async (_name, flags, command) => {
  const world = fakeDeps();
  await world.run('chat', ...flags, '--json', 'Hi');
  expect(world.json()).toMatchObject({ error: { next: [{ argv: command.split(' ') }] } });
});
