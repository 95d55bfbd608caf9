import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, refusal } from '../../helpers/slash.ts';

const prose = [
  'Let me make a video tomorrow. I already work with alltoken.',
  'I draw a lot. These days I am using alltoken.',
  'We should generate an image later\n\nIs there a problem with alltoken?',
  'Create an image gallery in React with alltoken',
  'Can you make an image viewer app that integrates with alltoken?',
  'find the bug in my code that talks with alltoken',
  'I draw pictures of cats with alltoken',
  'They make a film of a boat with alltoken',
  'draw a cat\nwith alltoken',
  'Draw a cat! It goes with alltoken.',
  'I like alltoken\nimage sizes are fine',
  'I use alltoken to draw attention',
  'create a Docker image with alltoken',
];

/** Message, text. */
const polite: [string, string][] = [
  ['please draw a cat with alltoken', 'a cat'],
  ['Hey, could you please draw a cat with alltoken', 'a cat'],
  ['ok so now draw me a cat with alltoken', 'a cat'],
  ['I want you to draw a cat with alltoken', 'a cat'],
  ['I’d like you to draw a cat with alltoken', 'a cat'],
  ["let's draw a cat with alltoken", 'a cat'],
  ['Thanks.\n- draw a cat with alltoken', 'a cat'],
  ['draw Mr. Smith with alltoken', 'Mr. Smith'],
];

const spoken = [
  'never run alltoken video again!',
  "please don't alltoken video this",
  'Please don’t alltoken video this',
  "don't use alltoken image for this, do it yourself",
  'use crayons instead of alltoken image',
  'without alltoken search, how do I find it',
  'how much does an alltoken image cost?',
  'What does the /alltoken-image command do?',
  'what is alltoken chat',
  'I tried alltoken image yesterday and it failed, why?',
  'we have used the alltoken-video and liked it',
  'How do I use alltoken search?',
  'is alltoken image any good?',
  'Add an alltoken image step to the workflow',
  'The alltoken search command fails with exit 2',
  'I make videos with alltoken every day',
  'We often ask alltoken about it',
  'no alltoken video please',
  'Fix the bug in alltoken video please',
  'Did you ask alltoken with model gpt-5.4?',
  'Do not, under any circumstances, run alltoken video',
  'Please never, ever, use /alltoken-video for a boat',
  'alltoken image is not what I want',
  'alltoken image failed with exit 46',
  'alltoken search does not work',
  "alltoken chat doesn't answer",
  'The price of alltoken video',
  'compare alltoken image with midjourney',
  'Add tests for alltoken image to the suite',
  'fix alltoken image in src/main.ts',
  'I wonder about the colours of alltoken image',
];

const asked: [string, string][] = [
  ['I never draw. alltoken image a cat', 'image'],
  ['What is this?\n/alltoken-chat a riddle', 'chat'],
  ['not this one but the other one alltoken image a cat', 'image'],
  ["I don't know, how much did that cost?", 'cost'],
  ['/alltoken-chat is the sky blue?', 'chat'],
  ['alltoken chat does water boil at 100?', 'chat'],
  ['/alltoken-image: failed states of matter', 'image'],
  ['Do you see? alltoken image a cat', 'image'],
];

describe('a sentence', () => {
  test.each(prose)('%j asks for nothing', async (message) => {
    expect((await refusal(message)).code).toBe('no_trigger');
  });

  test.each(polite)('%j asks politely', async (message, text) => {
    const explained = await explain(message);
    expect(explained.trigger.command).toBe('image');
    expect(explained.text).toBe(text);
  });

  test.each(spoken)('%j speaks about a command', async (message) => {
    const world = fakeDeps();
    const { code, message: said, hint } = await refusal(message, [], world);
    const [seen] = world.json().seen as { phrase: string; command: string }[];
    expect(code).toBe('not_asked');
    expect(said).toContain(`speaks about alltoken ${seen?.command}; nothing was run`);
    expect(said).toContain(seen?.phrase);
    expect(hint).toContain(`alltoken slash "/alltoken-${seen?.command}`);
  });

  test.each(asked)('%j asks all the same', async (message, command) => {
    expect((await explain(message)).argv[0]).toBe(command);
  });

  test.each([
    '/alltoken-image please',
    'please /alltoken-image',
    'Could you please alltoken image? Thank you!',
    '/alltoken-chat',
    'draw please with alltoken',
  ])('%j has no text', async (message) => {
    expect((await refusal(message)).code).toBe('no_prompt');
  });

  test('without text may name a file or ask for help', async () => {
    const { argv } = await explain('/alltoken-image --image=a.png please');
    expect(argv).toEqual(['image', '--image=a.png']);
  });
});
