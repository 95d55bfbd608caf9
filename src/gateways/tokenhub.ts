/** TokenHub (tokenhub.store): plain OpenAI chat, `vendor/model` ids. Its documents show no streamed bytes, so nothing beyond the standard is assumed. */
import { familyPrefixes } from './alltoken.ts';
import { tokenhubMedia } from './tokenhub-media.ts';
import type { Gateway } from './types.ts';

export const tokenhub: Gateway = {
  id: 'tokenhub',
  label: 'TokenHub',
  baseUrl: 'https://tokenhub.store/api/v1',
  website: 'https://tokenhub.store',
  startHint: null,
  baseUrlEnv: 'TOKENHUB_BASE_URL',
  keyVariable: 'TOKENHUB_API_KEY',
  keyPrefix: 'th-',
  embedded: false,
  keyRequired: true,
  routes: {
    chat: '/chat/completions',
    models: '/models',
    images: '/images/generations',
    imageTasks: '/images/generations',
    videos: '/videos/generations',
  },
  catalogue: null,
  boards: {},
  priceUnit: 'per_token',
  defaultModels: { chat: 'openai/gpt-5.4', search: null },
  costWaitMillis: 0,
  costInUsage: false,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: tokenhubMedia,
  modelPrefixes: familyPrefixes,
  knownModels: [
    'openai/gpt-4.1',
    'openai/gpt-5.4',
    'anthropic/claude-sonnet-4-6',
    'google/gemini-2.5-pro',
  ],
};
