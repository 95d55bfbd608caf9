/** Any server that speaks OpenAI's chat wire (llama.cpp, Ollama, vLLM, OpenRouter …): the template for gateways from the config. */
import { familyPrefixes } from './alltoken.ts';
import type { Gateway } from './types.ts';

export const openai: Gateway = {
  id: 'openai',
  label: 'the OpenAI-compatible server',
  baseUrl: '',
  website: null,
  keyVariable: null,
  keyPrefix: null,
  embedded: false,
  keyRequired: false,
  routes: { chat: '/chat/completions', models: '/models' },
  catalogue: null,
  boards: {},
  priceUnit: 'per_token',
  defaultModels: { chat: null, search: null },
  costWaitMillis: 0,
  chat: { search: null, thinking: false, structuredOutput: 'json_schema' },
  media: null,
  modelPrefixes: familyPrefixes,
  knownModels: [],
};
