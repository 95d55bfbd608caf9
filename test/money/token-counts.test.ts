import { describe, expect, test } from 'vitest';
import { tokenCounts } from '../../src/money/token-counts.ts';

/** prompt, completion, read from the cache, written to it */
type Counts = [number, number, number, number];

const told: [string, object, Counts][] = [
  ['plain', { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 }, [19, 12, 0, 0]],
  ['other names', { input_tokens: 19, output_tokens: 12 }, [19, 12, 0, 0]],
  [
    'both names, one filled with 0',
    { prompt_tokens: 19, completion_tokens: 12, input_tokens: 0, output_tokens: 0 },
    [19, 12, 0, 0],
  ],
  [
    'OpenAI: cached inside',
    { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 60 } },
    [100, 1, 60, 0],
  ],
  [
    'DeepSeek: hits and misses',
    {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_cache_hit_tokens: 60,
      prompt_cache_miss_tokens: 40,
    },
    [100, 1, 60, 0],
  ],
  [
    'Moonshot',
    { prompt_tokens: 100, completion_tokens: 1, total_tokens: 101, cached_tokens: 60 },
    [100, 1, 60, 0],
  ],
  [
    'OpenRouter',
    {
      prompt_tokens: 100,
      completion_tokens: 1,
      total_tokens: 101,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
    },
    [100, 1, 60, 30],
  ],
  [
    'Anthropic: beside',
    {
      input_tokens: 10,
      output_tokens: 1,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 4,
    },
    [19, 1, 5, 4],
  ],
  [
    'written beside, by the total',
    {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 160,
      cache_creation_input_tokens: 50,
    },
    [150, 10, 0, 50],
  ],
  [
    'written inside, by the total',
    {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 110,
      cache_creation_input_tokens: 50,
    },
    [100, 10, 0, 50],
  ],
  [
    'beside, and fewer than the rest of the prompt',
    { input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 50 },
    [150, 10, 50, 0],
  ],
  [
    'beside, with a total that is too small to be one',
    { input_tokens: 100, output_tokens: 10, total_tokens: 50, cache_read_input_tokens: 60 },
    [160, 10, 60, 0],
  ],
  [
    'more cached than prompt',
    {
      prompt_tokens: 10,
      completion_tokens: 1,
      total_tokens: 11,
      prompt_tokens_details: { cached_tokens: 60 },
    },
    [70, 1, 60, 0],
  ],
  [
    'beside by the total',
    { prompt_tokens: 100, completion_tokens: 1, total_tokens: 161, cache_read_input_tokens: 60 },
    [160, 1, 60, 0],
  ],
  [
    'a total of 0 is none',
    { prompt_tokens: 19, completion_tokens: 12, total_tokens: 0 },
    [19, 12, 0, 0],
  ],
  [
    'xAI: reasoning beside',
    {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    [10, 25, 0, 0],
  ],
  [
    'Gemini: thinking only in the total',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35 },
    [10, 25, 0, 0],
  ],
  ['only the answer and the total', { completion_tokens: 5, total_tokens: 5 }, [0, 5, 0, 0]],
];

const unclear: [string, object | null][] = [
  ['none', null],
  ['empty', {}],
  [
    'all zeros (W12)',
    {
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0 },
    },
  ],
  ['an answer to nothing', { prompt_tokens: 0, completion_tokens: 12, total_tokens: 12 }],
  ['no answer', { prompt_tokens: 19 }],
  ['texts', { prompt_tokens: '19', completion_tokens: '12' }],
  ['negative', { prompt_tokens: 19, completion_tokens: -1 }],
  ['fractions', { prompt_tokens: 1.5, completion_tokens: 1 }],
  ['endless', { prompt_tokens: Number.POSITIVE_INFINITY, completion_tokens: 1 }],
  ['too many', { prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: 1 }],
  [
    'a cache that cannot be read',
    { prompt_tokens: 19, completion_tokens: 12, cache_read_input_tokens: '5' },
  ],
  [
    'two answers on the cache',
    {
      prompt_tokens: 19,
      completion_tokens: 12,
      cache_read_input_tokens: 5,
      prompt_tokens_details: { cached_tokens: 4 },
    },
  ],
  ['inside or beside', { prompt_tokens: 100, completion_tokens: 1, cache_read_input_tokens: 5 }],
  [
    'sound',
    { prompt_tokens: 19, completion_tokens: 12, completion_tokens_details: { audio_tokens: 9 } },
  ],
  [
    'a search',
    { prompt_tokens: 19, completion_tokens: 12, server_tool_use: { web_search_requests: 1 } },
  ],
];

describe('the tokens that a usage is priced by', () => {
  test.each(told)('%s', (_what, usage, [prompt, completion, cached, written]) =>
    expect(tokenCounts(usage as Record<string, unknown>)).toMatchObject({
      prompt,
      completion,
      cached,
      written,
    }),
  );

  test.each(unclear)('%s: unknown', (_what, usage) =>
    expect(tokenCounts(usage as Record<string, unknown> | null)).toBeNull(),
  );

  test('those written for an hour are told apart', () => {
    const cache_creation = { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 };
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: 7,
      cache_creation,
    };
    expect(tokenCounts(usage)).toMatchObject({ prompt: 8, written: 7, writtenLong: 4 });
    const byTime = {
      ...usage,
      cache_creation: undefined,
      cache_creation_by_ttl: { 300: 3, 3600: 4 },
    };
    expect(tokenCounts(byTime)).toMatchObject({ written: 7, writtenLong: 4 });
  });
});
