/** AltLLM: OpenAI chat under `altllm-` ids, prices per token as strings in its public model list. */
import { familyPrefixes } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const altllm: Gateway = {
  id: 'altllm',
  label: 'AltLLM',
  baseUrl: 'https://api.altllm.ai/v1',
  website: null,
  startHint: null,
  baseUrlEnv: 'ALTLLM_BASE_URL',
  keyVariable: 'ALTLLM_API_KEY',
  keyPrefix: 'sk-alt-',
  embedded: false,
  keyRequired: true,
  routes: {
    chat: '/chat/completions',
    models: '/models',
    videos: '/contents/generations/tasks',
  },
  // Its list is public, and holds the prices.
  catalogue: { replace: '/v1', by: '/v1/models' },
  boards: {
    health: { replace: '/v1', by: '/health' },
    providers: { replace: '/v1', by: '/v1/provider' },
  },
  priceUnit: 'per_token',
  defaultModels: { chat: 'altllm-basic', search: null },
  costWaitMillis: 0,
  costInUsage: false,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: {
    image: null,
    video: {
      model: 'altllm-flex-seedance-2.0',
      knownModels: ['altllm-flex-seedance-2.0', 'altllm-flex-seedance-2.0-fast'],
      defaults: [{ prefix: 'altllm-flex-seedance', body: { duration: 5, resolution: '480p' } }],
      pollMillis: 3000,
      ranges: [],
      ratioField: null,
      lists: false,
      cancels: false,
      inputs: null,
      prices: null,
    },
  },
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
