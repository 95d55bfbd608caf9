/** TokenHub (tokenhub.store): plain OpenAI chat, `vendor/model` ids. Its documents show no streamed bytes, so nothing beyond the standard is assumed. */
import { familyPrefixes } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const tokenhub: Gateway = {
  id: 'tokenhub',
  label: 'TokenHub',
  baseUrl: 'https://tokenhub.store/api/v1',
  website: 'https://tokenhub.store',
  keyVariable: 'TOKENHUB_API_KEY',
  keyPrefix: 'th-',
  embedded: false,
  keyRequired: true,
  routes: { chat: '/chat/completions', models: '/models' },
  catalogue: null,
  boards: {},
  priceUnit: 'per_token',
  defaultModels: { chat: 'openai/gpt-5.4', search: null },
  costWaitMillis: 0,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: null,
  modelPrefixes: familyPrefixes,
  knownModels: [
    'openai/gpt-4.1',
    'openai/gpt-5.4',
    'anthropic/claude-sonnet-4-6',
    'google/gemini-2.5-pro',
  ],
};
