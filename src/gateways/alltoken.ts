/** AllToken, as its own documents and live probes describe it. */
import { alltokenMedia } from './alltoken-media.ts';
import type { Gateway, SearchMatrix } from './types.ts';

/** Probed live; the reply itself never says whether a search ran. */
const search: SearchMatrix = {
  probed: '2026-05-12',
  rules: [
    { prefix: 'deepseek-', effect: 'searches' },
    { prefix: 'qwen', effect: 'searches' },
    { prefix: 'claude-', effect: 'ignored' },
    { prefix: 'glm-', effect: 'ignored' },
    { prefix: 'kimi-', effect: 'ignored' },
    { prefix: 'minimax-', effect: 'ignored' },
    { prefix: 'gemini-', effect: 'unreliable' },
    { prefix: 'gpt-', effect: 'fails' },
  ],
};

export const familyPrefixes = [
  'gpt-',
  'claude-',
  'gemini-',
  'deepseek-',
  'glm-',
  'qwen',
  'kimi-',
  'minimax-',
] as const;

export const alltoken: Gateway = {
  id: 'alltoken',
  label: 'AllToken',
  baseUrl: 'https://api.alltoken.ai/v1',
  website: 'https://alltoken.ai',
  keyVariable: 'ALLTOKEN_API_KEY',
  keyPrefix: 'sk-at-',
  embedded: false,
  keyRequired: true,
  routes: {
    chat: '/chat/completions',
    models: '/models',
    imageModels: '/images/models',
    videoModels: '/videos/models',
    images: '/images/generations/async',
    imageEdits: '/images/edits',
    imageVariations: '/images/variations',
    imageTasks: '/images/generations',
    videos: '/videos/generations',
    uploads: '/uploads/presign',
  },
  catalogue: { replace: '/v1', by: '/api-account/models' },
  boards: {
    health: { replace: '/v1', by: '/api-account/health/summary' },
    providers: { replace: '/v1', by: '/api-account/providers' },
    rankings: { replace: '/v1', by: '/api-account/rankings/all' },
  },
  priceUnit: 'per_million_tokens',
  defaultModels: { chat: 'gpt-5.4-mini', search: 'deepseek-v4-pro' },
  costWaitMillis: 2000,
  chat: { search, thinking: true, structuredOutput: 'json_object' },
  media: alltokenMedia,
  modelPrefixes: familyPrefixes,
  knownModels: [
    'gpt-5.4-nano',
    'gpt-5.4-mini',
    'gpt-5.4',
    'gpt-5.4-pro',
    'gpt-5.5',
    'gpt-5.3-codex',
    'claude-haiku-4-5',
    'claude-sonnet-4-6',
    'claude-opus-4-7',
    'gemini-3-flash-preview',
    'gemini-3.1-pro-preview',
    'glm-4.7-flash',
    'glm-5',
    'glm-5.1',
    'qwen3.6-flash',
    'qwen3.6-max-preview',
    'qwen3-coder-next',
    'deepseek-v3.2',
    'deepseek-v4-flash',
    'deepseek-v4-pro',
    'kimi-k2.6',
    'minimax-m2.5-highspeed',
    'minimax-m2.7',
  ],
};
