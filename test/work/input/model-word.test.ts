import { describe, expect, test } from 'vitest';
import { alltoken } from '../../../src/gateways/alltoken.ts';
import { altllm } from '../../../src/gateways/altllm.ts';
import { isModelWord } from '../../../src/work/input/model-word.ts';

const uncached = { cachedModels: null, modelPrefixes: alltoken.modelPrefixes, aliases: [] };
const cached = {
  cachedModels: ['gpt-5.4', 'my-model', 'vendor/thing', 'Claude-X'],
  modelPrefixes: alltoken.modelPrefixes,
  aliases: [],
};

/** As the first of several words, with no list cached. */
const taken = (word: string): boolean => isModelWord(word, uncached);

describe('without a cached list the first of several words is the model', () => {
  test.each([
    'gpt-5.4',
    'gpt-5.4-mini',
    'GPT-5.4',
    'claude-opus-4-7',
    'gemini-3.1-pro-preview',
    'deepseek-v4-pro',
    'glm-5',
    'qwen3.6-flash',
    'qwen-2.5',
    'kimi-k2.6',
    'minimax-m2.7',
    'openai/gpt-4.1',
    'meta-llama/llama-3.1-8b:free',
    'bytedance/doubao-seedance-2.0',
    'google/gemini-2.5-pro',
  ])('when it is %s', (word) => expect(taken(word)).toBe(true));

  test('also one of the gateway’s own family', () => {
    const known = { cachedModels: null, modelPrefixes: altllm.modelPrefixes, aliases: [] };
    expect(isModelWord('altllm-flex-gpt-5.5', known)).toBe(true);
    expect(taken('altllm-flex-gpt-5.5')).toBe(false);
  });
});

describe('without a cached list it is a word of the prompt', () => {
  test.each([
    ['a sentence in one argument', 'gpt-5 is out, what changed?'],
    ['with a tab in it', 'gpt-5\tnews'],
    ['with a line end', 'gpt-5\n'],
    ['with a no-break space', 'gpt-5\u00a0news'],
    ['a family without a digit', 'claude-code'],
    ['only a prefix', 'gpt-'],
    ['a name', 'claude'],
    ['a word that begins like one', 'gptfoo5'],
    ['a number', '42'],
    ['a word with a digit', 'h2o'],
    ['a hyphen and a digit', 'covid-19'],
    ['two words with a slash', 'and/or'],
    ['a fraction', '1/2'],
    ['a version', 'v1.2.3'],
    ['a URL', 'https://example.com/gpt-5'],
    ['a URL without a path', 'http://host1'],
    ['a mail address', 'me2@example.com'],
    ['an absolute path', '/etc/x11'],
    ['a path from here', './gpt-5'],
    ['a path from above', '../src/v2'],
    ['a path from home', '~/notes2'],
    ['a path of three', 'src/lib/v2'],
    ['a folder', 'src2/'],
    ['a Windows path', 'c:\\gpt-5'],
    ['a date', '2026/11/22'],
    ['punctuation only', '?'],
    ['nothing', ''],
    ['a slash', '/'],
  ])('when it is %s', (_, word) => expect(taken(word)).toBe(false));

  test.each(['gpt-5?', 'gpt-5,', 'gpt-5:', 'gpt-5…', 'gpt-5!', "gpt-5's", '"gpt-5"', 'qwen3)'])(
    'when punctuation makes it no id: %s',
    (word) => expect(taken(word)).toBe(false),
  );

  test('when it is a file in a folder', () => {
    expect(taken('src/utf8.ts')).toBe(false);
    expect(taken('photos/img1.png')).toBe(false);
  });
});

describe('with a cached list', () => {
  test.each(['gpt-5.4', 'my-model', 'vendor/thing', 'Claude-X'])('%s is a model', (word) => {
    expect(isModelWord(word, cached)).toBe(true);
  });

  test.each(['gpt-9', 'openai/gpt-4.1', 'my-model ', 'my', 'hello'])('%j is none', (word) => {
    expect(isModelWord(word, cached)).toBe(false);
  });

  test('that holds an id with white space, an argument with white space is still the prompt', () => {
    const odd = { cachedModels: ['gpt-5 is out'], modelPrefixes: [], aliases: [] };
    expect(isModelWord('gpt-5 is out', odd)).toBe(false);
  });
});
