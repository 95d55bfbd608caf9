/** Words that commander has of its own, and hints that named something else than was meant. */
import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';

describe('the hint is what was probably meant', () => {
  test.each([
    ['a sentence in quotes', ['why is the sky blue'], "alltoken chat 'why is the sky blue'"],
    ['a sentence without', ['why', 'is', 'it', 'blue'], "alltoken chat 'why is it blue'"],
    ['a word', ['frobnicate'], 'alltoken --help'],
    ['a command of several words', ['modles', 'gpt-5.4'], 'alltoken models gpt-5.4'],
    ['a name of another program with its text', ['ask', 'hi'], 'alltoken chat hi'],
    ['the same with several words', ['ask', 'why', 'not?'], "alltoken chat 'why not?'"],
    ['the same alone', ['ask'], 'alltoken chat'],
    ['a command with its subcommand', ['session', 'list'], 'alltoken sessions list'],
    ['a subcommand with its id', ['tasks', 'resme', 'vgen_1'], 'alltoken tasks resume vgen_1'],
    ['a name before flags', ['session', '--json'], 'did you mean sessions?'],
    ['a name before a key', ['lgoin', 'sk-0123456789abcdef'], 'did you mean login?'],
    ['a key to store', ['config', 'set', 'api_key', 'x'], 'alltoken login'],
    ['a key to store by another name', ['config', 'set', 'key', 'x'], 'alltoken login'],
    [
      'a key to store of a gateway',
      ['config', 'set', 'gateways.tokenhub.api_key', 'x'],
      'alltoken login -g tokenhub',
    ],
    [
      'the end of a name of the config',
      ['config', 'set', 'model', 'gpt-5.4'],
      'alltoken config set defaults.chat.model gpt-5.4',
    ],
    [
      'two words of its end',
      ['config', 'set', 'image.model', 'x'],
      'alltoken config set defaults.image.model x',
    ],
    [
      'a flag as a name of the config',
      ['config', 'set', 'max_cost', '1'],
      'alltoken config set budget.call 1',
    ],
    ['a program without a name', ['run', '--', ''], 'alltoken run --help'],
    [
      'an image from a chat model',
      ['image', '-g', 'sandbox', '-m', 'gpt-5.4', 'x'],
      'gpt-5.4 is a chat model: alltoken image -g sandbox -m gpt-image-2 …, or: alltoken models --type image -g sandbox',
    ],
  ])('%s', async (_what, argv, hint) => {
    const world = fakeDeps();
    expect([2, 24]).toContain(await world.run(...argv));
    expect(world.err()).toContain(`\nhint: ${hint}\n`);
  });

  test.each([
    ['video', '--no-wait', '--async'],
    ['image', '--detach', '--async'],
    ['chat', '--max-output-tokens=5', '--max-tokens'],
    ['chat', '--instructions', '--system'],
    ['chat', '--attachment', '--file'],
    ['image', '--attachment', '--image'],
    ['image', '--aspect-ratio', '--size'],
    ['chat', '--sytem=be brief', '--system'],
    ['video', '--seconds', '--duration'],
    ['search', '--output', '--out'],
    ['chat', '--json-schema', '--schema'],
    ['models', '--silent', '--quiet'],
    ['cost', '--max-time', '--timeout'],
    ['serve', '--provider', '--gateway'],
    ['run', '--api-base', '--base-url'],
  ])('a flag of another program: %s %s', async (command, flag, ours) => {
    const world = fakeDeps();
    expect(await world.run(command, flag, 'x')).toBe(2);
    expect(world.err()).toContain(`\nhint: did you mean ${ours}?\n`);
  });

  test.each([
    ['chat', '--api-key=sk-at-0000111122223333'],
    ['models', '--key', 'sk-at-0000111122223333'],
  ])('a key on the command line: %s %s', async (...argv) => {
    const world = fakeDeps();
    expect(await world.run(...argv)).toBe(2);
    expect(world.err()).toContain('hint: alltoken login\n');
    expect(world.err()).not.toContain('sk-at-0000111122223333');
  });

  test('no flag that a command lacks is meant', async () => {
    const world = fakeDeps();
    expect(await world.run('chat', '--no-wait', 'x')).toBe(2);
    expect(world.err()).toContain('hint: alltoken chat --help\n');
  });

  test('a value of an argument is refused in our words', async () => {
    const world = fakeDeps();
    expect(await world.run('completion', 'tcsh')).toBe(2);
    expect(world.err()).toContain(
      "alltoken: <shell>: 'tcsh' is not valid; allowed choices are bash, zsh, fish, powershell [usage",
    );
  });

  test.each([
    ['nope', 'hint: alltoken sandbox --list-faults\n'],
    ['rate-limt', 'hint: did you mean rate-limit? Or: alltoken sandbox --list-faults\n'],
  ])('a fault that is called otherwise: %s', async (fault, hint) => {
    const world = fakeDeps({ env: { ALLTOKEN_SANDBOX_FAULT: fault } });
    expect(await world.run('chat', '-g', 'sandbox', 'Hi')).toBe(2);
    expect(world.err()).toContain(hint);
  });
});

test.each([
  [['ask', 'Hi', 'there'], "alltoken chat 'Hi there'"],
  [['session', 'list'], 'alltoken sessions list'],
  [['conversations'], 'alltoken sessions'],
  [['task', 'show', 'igen_abcdef'], 'alltoken tasks show igen_abcdef'],
  [['config', 'set', 'api_key', 'hunter2'], 'alltoken login'],
  [['config', 'set', 'gateways.mine.token', 'hunter2'], 'alltoken login'],
  [['config', 'set', 'model', 'gpt-5.4'], 'alltoken config set defaults.chat.model gpt-5.4'],
  [['config', 'set', 'temperature', '0.5'], 'alltoken config set defaults.chat.temperature 0.5'],
])('what is called otherwise keeps its words: %s', async (argv, meant) => {
  const world = fakeDeps();
  expect(await world.run(...argv)).toBe(2);
  expect(world.err()).toContain(`hint: ${meant}\n`);
  expect(world.err()).not.toContain('hunter2');
});

test('config doctor into a pipe has words for its states, also with --live', async () => {
  const world = fakeDeps();
  const argv = ['config', 'doctor', '-g', 'sandbox', '--live', '--max-cost', '0.05'];
  await world.run(...argv, '--report', `${world.home}/report.json`);
  const states = new Set(
    world
      .out()
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]),
  );
  expect(
    [...states].filter((state) => !/^(ok|warning|FAILED|not tried)$/.test(state ?? '')),
  ).toEqual([]);
});

test('tasks forget --finished says where there was none', async () => {
  const world = fakeDeps();
  expect(await world.run('tasks', 'forget', '--finished')).toBe(0);
  expect(world.err()).toContain('no finished job is in the journal');
});

test('a beginning of an id that is too short says how long one has to be', async () => {
  const world = fakeDeps();
  expect(await world.run('tasks', 'show', '--local', 'igen_')).toBe(24);
  expect(world.err()).toContain('no task igen_ in the journal; a beginning needs 6 characters');
});
