/** OpenRouter: OpenAI's chat under `vendor/model` ids, prices per token in its public list, and the charge of a call in its usage. */
import { openai } from './openai.ts';
import type { Gateway } from './types.ts';

export const openrouter: Gateway = {
  ...openai,
  id: 'openrouter',
  label: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  website: 'https://openrouter.ai',
  baseUrlEnv: 'OPENROUTER_BASE_URL',
  keyVariable: 'OPENROUTER_API_KEY',
  keyPrefix: 'sk-or-',
  keyRequired: true,
  routes: { chat: '/chat/completions', models: '/models', key: '/key' },
  catalogue: { replace: '/v1', by: '/v1/models' },
  costInUsage: true,
  media: { image: null, video: null },
};
