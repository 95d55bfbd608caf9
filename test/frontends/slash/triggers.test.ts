import { describe, expect, test } from 'vitest';
import { mainCommands } from '../../../src/schemas/choices.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, refusal } from '../../helpers/slash.ts';

/** Each way to ask, and its command. */
const table: [trigger: string, command: string][] = [
  ...mainCommands.flatMap((name): [string, string][] =>
    [`/alltoken-${name}`, `alltoken_${name}`, `$alltoken-${name}`, `@alltoken ${name}`].map(
      (trigger) => [trigger, name],
    ),
  ),
  ['ask alltoken with model gpt-5.4', 'chat'],
  ['generate an image via alltoken', 'image'],
  ['generate a image via alltoken', 'image'],
  ['draw with @alltoken', 'image'],
  ['make a video on alltoken', 'video'],
  ['use alltoken web search', 'search'],
  ['find with alltoken', 'search'],
];
const questions: [trigger: string, command: string][] = [
  ['what alltoken models are available', 'models'],
  ['how much did that cost', 'cost'],
];

describe('the table', () => {
  test.each(table)('%s', async (trigger, command) => {
    const upper = trigger.toUpperCase();
    const spaced = trigger.replaceAll(' ', ' \n\t');
    for (const form of [trigger, `Hi, please ${upper}:`, spaced, `(${trigger})`]) {
      const { argv, text, trigger: found } = await explain(`${form}  xyz\n z`);
      expect([found.command, argv[0], text], form).toEqual([command, command, 'xyz\n z']);
    }
    // A model's id may end in anything.
    const longer = command === 'chat' && trigger.includes('gpt') ? [] : ['’s', 's', '/c', '.md'];
    for (const no of [`x${trigger}`, `a/b/${trigger}`, ...longer.map((end) => trigger + end)])
      expect((await refusal(`look: ${no}`)).code, no).toBe('no_trigger');
    for (const [open, close] of ['""', "''", '“”', '„“', '«»', '「」', '``'].map((pair) => [
      ...pair,
    ]))
      expect((await refusal(`it is ${open}${trigger}${close}, xyz`)).code).toBe('no_trigger');
    for (const code of [`> ${trigger} x`, `\`\`\`\n${trigger} x\n\`\`\``, `\`\`\`sh\n${trigger} x`])
      expect((await refusal(`see\n${code}`)).code, code).toBe('no_trigger');
  });

  test.each(questions)('%s: what follows is no argument', async (trigger, command) => {
    const { argv, text, notes } = await explain(`Nice. ${trigger}? Thanks! --json`);
    expect([argv, text]).toEqual([[command, '--json'], '']);
    expect(notes).toEqual(['not used: Thanks!']);
    expect((await refusal(`${trigger}’s`.replace('models', 'model'))).code).toBe('no_trigger');
  });

  test.each([
    'ask alltoken why',
    'ask alltoken with model "gpt-5.4": why',
    'draw a cat with alltoken',
    'create a picture with alltoken of a cat',
    'search the web with alltoken: cats',
    'what models does alltoken have',
    'alltoken, chat',
    'alltoken\n\nchat with us',
    'github.com/x/alltoken-chat is a repository',
    '--alltoken-image a cat',
    'alltoken',
  ])('has no %j', async (message) => {
    const world = fakeDeps();
    const { code, message: said, hint } = await refusal(message, [], world);
    expect(code).toBe('no_trigger');
    expect(said).toContain('no command in');
    expect(hint).toContain("alltoken slash '/alltoken-chat");
    expect(world.json().seen).toEqual([]);
  });

  test('names the model, and what stands before', async () => {
    const message = 'Well then:\nAsk AllToken with model meta/llama-3.1:free: claude-4 why';
    const { argv, flags, before, trigger } = await explain(message);
    expect(argv).toEqual(['chat', '--model=meta/llama-3.1:free', '--', 'claude-4 why']);
    expect(flags).toEqual([{ name: '--model', value: 'meta/llama-3.1:free', from: 'message' }]);
    expect(before).toBe('Well then:');
    expect(trigger.phrase).toBe('Ask AllToken with model meta/llama-3.1:free');
  });

  test.each([
    ['/alltoken-image a cat, then /alltoken-video a dog', ['image', 'video']],
    ['draw with alltoken a cat. How much did that cost?', ['image', 'cost']],
    ['find with alltoken chat rooms', ['search', 'chat']],
  ])('%j has two', async (message, commands) => {
    const world = fakeDeps();
    const { code, message: said } = await refusal(message, [], world);
    const seen = world.json().seen as { phrase: string; command: string }[];
    expect(code).toBe('two_triggers');
    expect(seen.map(({ command }) => command)).toEqual(commands);
    for (const { phrase } of seen) expect(said).toContain(phrase);
  });

  test.each([
    ['/alltoken-image a /alltoken-image b', 'image', 'a /alltoken-image b'],
    ['draw with alltoken image a cat', 'image', 'a cat'],
    ['/alltoken-chat What is "alltoken image"?', 'chat', 'What is "alltoken image"?'],
    ['**/alltoken-image** - a cat', 'image', '- a cat'],
  ])('%j means %s %j', async (message, command, text) => {
    const { argv, text: found } = await explain(message);
    expect([argv[0], found]).toEqual([command, text]);
  });
});

const guards =
  "no not never don't don’t doesn't didn’t won't can't dont cannot stop avoid without what what's why how when where who which is are was were did does do has had have if tried used about".split(
    ' ',
  );

describe('a command that buys is not asked for', () => {
  test.each(guards)('behind %s in its sentence', async (word) => {
    for (const spoken of [word, word.toUpperCase(), `so, ${word} “we” ever`]) {
      const message = `Hi.\n${spoken} alltoken image it`;
      expect((await refusal(message)).code, message).toBe('not_asked');
      expect((await explain(`${spoken}. Please alltoken image it`)).text).toBe('it');
      expect((await explain(`${spoken}\n/alltoken-image it`)).text).toBe('it');
      expect((await explain(`${spoken} alltoken models`)).argv).toEqual(['models']);
    }
    expect((await explain(`x${word}x or "${word}" alltoken image it`)).text).toBe('it');
  });

  test.each([
    [[], 'never ask alltoken with model m-1: a cat', "'/alltoken-chat --model=m-1 a cat'"],
    [[], "is alltoken image a cat's", "'/alltoken-image a cat'\\''s'"],
    [
      ['--max-cost=1'],
      'is alltoken image a cat',
      "slash --max-cost=1 --json '/alltoken-image a cat'",
    ],
    [[], 'is alltoken image a\ncat', "'/alltoken-image …'"],
    [[], 'is alltoken image', "'/alltoken-image …'"],
  ])('%j %j is refused with the line to type', async (argv, message, line) => {
    const world = fakeDeps();
    const code = await world.run('slash', '--explain', '--json', ...argv, message);
    const { error } = world.json() as { error: { code: string; hint: string } };
    expect([code, error.code]).toEqual([2, 'not_asked']);
    expect(error.hint).toContain(line);
    expect(error.hint).toMatch(/^to run it: alltoken slash /);
  });
});
