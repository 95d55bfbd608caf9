import { describe, expect, test } from 'vitest';
import { relatedModels } from '../../src/work/related-models.ts';

const deep = 'accounts/fireworks/models/';

describe('related models', () => {
  test.each([
    ['gpt-5.4-nano', ['gpt-5.4', 'claude-5', 'gpt-5.4-nano'], ['gpt-5.4']],
    ['openai/gpt-9', ['openai/gpt-5', 'openai/o3', 'x-ai/gpt-5'], ['openai/gpt-5']],
    ['grok-9', ['x-ai/grok-9', 'grok-4'], ['x-ai/grok-9']],
    ['x-ai/grok-9', ['grok-9', 'grok-4'], ['grok-9']],
    [`${deep}llama-v3`, [`${deep}deepseek-v3`, `${deep}llama-v4`], [`${deep}llama-v4`]],
    ['llama-v3', [`${deep}llama-v3`, `${deep}llama-v4`], [`${deep}llama-v3`]],
    [`${deep}405b`, [`${deep}405b-it`, `${deep}llama-v4`], [`${deep}405b-it`]],
    ['gpt-9', [], []],
  ])('of %s among %j: %j', (model, ids, related) => {
    expect(relatedModels(model, ids)).toEqual(related);
  });

  test('that were tried are left out', () => {
    const ids = ['gpt-1', 'gpt-2', 'gpt-3'];
    expect(relatedModels('gpt-1', ids, ['gpt-1', 'gpt-2'])).toEqual(['gpt-3']);
  });
});
