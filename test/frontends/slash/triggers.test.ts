import { describe, expect, test } from 'vitest';
import { mainCommands } from '../../../src/schemas/choices.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, refusal } from '../../helpers/slash.ts';

/** Message, command, text. */
type Row = readonly [message: string, command: string, text: string];

const named: Row[] = mainCommands.flatMap((name): Row[] => [
  [`/alltoken-${name} xyz`, name, 'xyz'],
  [`alltoken-${name} xyz`, name, 'xyz'],
  [`/alltoken_${name} xyz`, name, 'xyz'],
  [`$alltoken-${name} xyz`, name, 'xyz'],
  [`@alltoken ${name} xyz`, name, 'xyz'],
  [`AllToken ${name.toUpperCase()} xyz`, name, 'xyz'],
]);

const asked: Row[] = [
  ['Ask AllToken with model gpt-5.4: why is it blue?', 'chat', 'why is it blue?'],
  ['ask alltoken with model fast why', 'chat', 'why'],
  ['ask alltoken using claude-opus-4-7 why', 'chat', 'why'],
  ['Ask AllToken, why is the sky blue?', 'chat', 'why is the sky blue?'],
  ['Why is the sky blue? Ask alltoken', 'chat', 'Why is the sky blue?'],
  ['ask gpt-5.4-mini via alltoken why', 'chat', 'why'],
  ['ask deepseek-v4-pro through alltoken - why', 'chat', 'why'],
  ['Generate an image via AllToken: a cat', 'image', 'a cat'],
  ['create picture with alltoken a cat', 'image', 'a cat'],
  ['make an image on alltoken a cat', 'image', 'a cat'],
  ['draw with alltoken a cat', 'image', 'a cat'],
  ['draw a cat in a hat with alltoken', 'image', 'a cat in a hat'],
  ['Can you draw: a cat via @alltoken, please?', 'image', 'a cat'],
  ['generate an image of a cat with alltoken', 'image', 'a cat'],
  ['Draw me nothing. Draw a dog using alltoken.', 'image', 'a dog'],
  ['make a video on alltoken: a boat', 'video', 'a boat'],
  ['create a film of a boat in the rain with alltoken', 'video', 'a boat in the rain'],
  ['use alltoken web search: the weather in Lisbon', 'search', 'the weather in Lisbon'],
  ['alltoken web search the weather', 'search', 'the weather'],
  ['find with alltoken the newest Node', 'search', 'the newest Node'],
  ['search the web with alltoken: news', 'search', 'news'],
  ['search for news from Lisbon on alltoken', 'search', 'news from Lisbon'],
  ['Hi! What AllToken models are available?', 'models', ''],
  ['which models are available on alltoken right now? Thanks!', 'models', ''],
  ['list alltoken models', 'models', ''],
  ['show me the alltoken models claude-opus-4-7', 'models', 'claude-opus-4-7'],
  ['Nice. How much did that cost?', 'cost', ''],
  ['what did it cost', 'cost', ''],
  ['alltoken cost?', 'cost', ''],
  ['/alltoken-cost gpt-5.4-nano 19 12', 'cost', 'gpt-5.4-nano 19 12'],
];

/** Message, kind. */
const kinds: [message: string, kind: string][] = [
  ['What AllToken video models are available?', 'video'],
  ['which alltoken image models are there?', 'image'],
  ['list alltoken image models', 'image'],
  ['show me the alltoken video models', 'video'],
  ['what alltoken chat models can I use', 'chat'],
  ['alltoken video models', 'video'],
  ['which image models does alltoken support?', 'image'],
];

const natural: Row[] = [
  ['Write a haiku about rain with alltoken chat', 'chat', 'Write a haiku about rain'],
  ['a red fox, alltoken image', 'image', 'a red fox'],
  ['a red fox /alltoken-image', 'image', 'a red fox'],
  ['How much did that image cost?', 'cost', ''],
  ['do an alltoken web search for cafes', 'search', 'cafes'],
  ['ask alltoken-chat with model gpt-5.4 why', 'chat', 'why'],
  ['generate an image via alltoken of a red fox', 'image', 'a red fox'],
  ['generate me an image showing a red fox with alltoken', 'image', 'a red fox'],
  ['make some pictures of red foxes using alltoken', 'image', 'red foxes'],
  ['create a photo: a red fox, on alltoken', 'image', 'a red fox,'],
  ['draw me a red fox with alltoken', 'image', 'a red fox'],
  ['draw a red fox with alltoken image', 'image', 'a red fox'],
  ['use alltoken to draw a red fox', 'image', 'a red fox'],
  ['Please use alltoken to make a picture of a red fox', 'image', 'a red fox'],
  ['With AllToken, draw a red fox', 'image', 'a red fox'],
  ['make a short video of the sea with alltoken', 'video', 'the sea'],
  ['make a video on alltoken showing the sea', 'video', 'the sea'],
  ['using alltoken generate a video of the sea', 'video', 'the sea'],
  ['ask alltoken on 3d printing basics', 'chat', 'on 3d printing basics'],
  ['ask alltoken using python3 how to sort', 'chat', 'using python3 how to sort'],
  ['list the models on alltoken', 'models', ''],
  ['show me all models of alltoken', 'models', ''],
  ['which models can I use with alltoken?', 'models', ''],
  ['What models does alltoken support?', 'models', ''],
  ['what are the alltoken models', 'models', ''],
  ['how much did the last call cost?', 'cost', ''],
  ['what did my last video cost', 'cost', ''],
  ['make me an alltoken image of a red fox', 'image', 'a red fox'],
  ['do an alltoken search for foxes', 'search', 'foxes'],
  ['alltoken-cost gpt-5.4-nano 19 12 please', 'cost', 'gpt-5.4-nano 19 12'],
];

/** What is named goes before what is said naturally. */
const both: Row[] = [
  ['ask alltoken image a cat', 'image', 'a cat'],
  ['ask alltoken search for cats', 'search', 'for cats'],
  ['draw a cat with alltoken chat', 'chat', 'draw a cat'],
  [
    '/alltoken-chat how much did it cost to build the Titanic?',
    'chat',
    'how much did it cost to build the Titanic?',
  ],
  [
    '/alltoken-search what alltoken models are available',
    'search',
    'what alltoken models are available',
  ],
  ['alltoken image a cat. How much did that cost?', 'image', 'a cat. How much did that cost?'],
];

const around: Row[] = [
  ['(/alltoken-image) a cat', 'image', 'a cat'],
  ['/alltoken-image: a cat', 'image', 'a cat'],
  ['**/alltoken-image** - a cat', 'image', 'a cat'],
  ['/alltoken-image — a cat', 'image', 'a cat'],
  ['a cat (alltoken image)', 'image', 'a cat'],
  ['a cat in a hat: /alltoken-image', 'image', 'a cat in a hat'],
  ['please\n/alltoken-chat\n  two\n\n  lines  \n', 'chat', 'two\n\n  lines'],
  ['/alltoken-image a cat /alltoken-image a dog', 'image', 'a cat /alltoken-image a dog'],
  ['/alltoken-chat ?', 'chat', '?'],
  ['/alltoken-image 🐈', 'image', '🐈'],
];

describe('a message to slash', () => {
  test.each([...named, ...asked, ...natural, ...both, ...around])(
    '%j means %s %j',
    async (message, command, text) => {
      const explained = await explain(message);
      expect(explained.trigger.command).toBe(command);
      expect(explained.text).toBe(text);
      expect(explained.argv[0]).toBe(command);
    },
  );

  test.each(kinds)('%j asks for the models of a kind, and buys nothing', async (message, kind) => {
    expect((await explain(message)).argv).toEqual(['models', `--type=${kind}`]);
  });

  test('that names a model in no way that can be read is refused', async () => {
    const { code } = await refusal('ask alltoken with model "claude-haiku-4-5": why');
    expect(code).toBe('no_model');
  });

  test.each([
    ['ask alltoken with model gpt-5.4: why', 'gpt-5.4'],
    ['ask GPT-5.4-mini via alltoken why', 'GPT-5.4-mini'],
    ['ask meta/llama-3.1:free with alltoken why', 'meta/llama-3.1:free'],
    ['ask alltoken on qwen3 why', 'qwen3'],
  ])('%j names the model %s', async (message, model) => {
    const { argv, flags } = await explain(message);
    expect(argv).toEqual(['chat', `--model=${model}`, '--', 'why']);
    expect(flags).toEqual([{ name: '--model', value: model, from: 'message' }]);
  });

  test('is told as it was seen, with what is not used', async () => {
    const { trigger, before } = await explain('Hey, could you\n$AllToken-Image  a cat');
    expect(trigger.phrase).toBe('$AllToken-Image');
    expect(before).toBe('Hey, could you');
    expect((await explain('Now Draw a cat Using Alltoken')).trigger.phrase).toBe(
      'Draw … Using Alltoken',
    );
  });

  test.each([
    'see docs/alltoken-image.md',
    'three alltoken-images',
    'github.com/x/alltoken-chat is a repository',
    'myalltoken chat',
    'alltoken, chat',
    'ask him via alltoken',
    'draw a cat with crayons',
    'he said "alltoken image" once',
    'it is ‘alltoken image a cat’ and so on',
    '--alltoken-image a cat',
    'alltoken',
  ])('%j has no command', async (message) => {
    const world = fakeDeps();
    const { code, message: said, hint } = await refusal(message, [], world);
    expect(code).toBe('no_trigger');
    expect(said).toContain(JSON.stringify(message));
    expect(hint).toContain('alltoken slash "/alltoken-chat');
    expect(world.json().seen).toEqual([]);
  });

  test('that is long shows its beginning, in one line', async () => {
    const { message } = await refusal(`first line\nsecond ${'x'.repeat(500)}`);
    expect(message).toMatch(/^no command in "first line second x+…"$/);
    expect(message.length).toBeLessThan(80);
  });

  test.each([
    ['/alltoken-image a cat, then /alltoken-video a dog', ['image', 'video']],
    ['ask alltoken what alltoken models are available', ['chat', 'models']],
    ['draw with alltoken a cat. How much did that cost?', ['image', 'cost']],
    ['how much did that cost? /alltoken-image a cat', ['cost', 'image']],
  ])('%j is told by what was seen', async (message, commands) => {
    const world = fakeDeps();
    const { code, message: said } = await refusal(message, [], world);
    const seen = world.json().seen as { phrase: string; command: string }[];
    expect(code).toBe('two_triggers');
    expect(seen.map(({ command }) => command)).toEqual(commands);
    for (const { phrase } of seen) {
      expect(message).toContain(phrase);
      expect(said).toContain(phrase);
    }
  });

  test('may speak of another command in quotes', async () => {
    const { argv } = await explain('/alltoken-chat What does "alltoken image" do?');
    expect(argv).toEqual(['chat', '--', 'What', 'does "alltoken image" do?']);
  });

  test('with text on both sides of its phrase buys nothing', async () => {
    const { code, message } = await refusal('draw a red boat with alltoken and save it as x.png');
    expect(code).toBe('two_texts');
    expect(message).toContain('"a red boat" or "and save it as x.png"');
  });
});
