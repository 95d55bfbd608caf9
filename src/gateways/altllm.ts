/** AltLLM: OpenAI chat under `altllm-` ids, prices per token as strings in its public model list. */
import { familyPrefixes } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const altllm: Gateway = {
  id: 'altllm',
  label: 'AltLLM',
  baseUrl: 'https://api.altllm.ai/v1',
  website: null,
  keyVariable: 'ALTLLM_API_KEY',
  keyPrefix: 'sk-alt-',
  embedded: false,
  keyRequired: true,
  routes: { chat: '/chat/completions', models: '/models' },
  catalogue: null,
  boards: {},
  priceUnit: 'per_token',
  defaultModels: { chat: 'altllm-basic', search: null },
  costWaitMillis: 0,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: null,
  modelPrefixes: ['altllm-', ...familyPrefixes],
  knownModels: [
    'altllm-basic',
    'altllm-standard',
    'altllm-fast',
    'altllm-native-fast',
    'altllm-mega',
    'altllm-flex-gpt-5.5',
    'altllm-flex-opus-4.7',
    'altllm-flex-gemini-3.1',
  ],
};
