/** Any server that speaks OpenAI's chat wire (llama.cpp, Ollama, vLLM, OpenRouter …): the template for gateways from the config. */
import { familyPrefixes } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const openai: Gateway = {
  id: 'openai',
  label: 'the OpenAI-compatible server',
  baseUrl: '',
  website: null,
  startHint: null,
  baseUrlEnv: null,
  keyVariable: null,
  keyPrefix: null,
  embedded: false,
  keyRequired: false,
  routes: {
    chat: '/chat/completions',
    models: '/models',
    images: '/images/generations',
    // Where there are any, too.
    responses: '/responses',
    embeddings: '/embeddings',
  },
  catalogue: null,
  boards: {},
  priceUnit: 'per_token',
  defaultModels: { chat: null, search: null },
  costWaitMillis: 0,
  costInUsage: false,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: {
    // Where there are any; a server without them says 404.
    image: {
      model: '',
      knownModels: [],
      defaults: [],
      pollMillis: 2000,
      idempotencyMillis: 0,
      repliesAtOnce: true,
      maxCount: null,
      maxInputs: 1,
    },
    video: null,
  },
  modelPrefixes: familyPrefixes,
  knownModels: [],
};
