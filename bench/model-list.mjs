/** A cached model list as long as the real gateway's, as `alltoken` writes it; some of its models and all else it says are made up. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const chats = [
  ...['gpt-5.3-codex', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.4-nano', 'gpt-5.4-pro', 'gpt-5.5'],
  ...['claude-haiku-4-5', 'claude-opus-4-7', 'claude-sonnet-4-6', 'gemini-3-flash-preview'],
  ...['gemini-3.1-pro-preview', 'glm-4.7-flash', 'glm-5', 'glm-5.1', 'qwen3-coder-next'],
  ...['qwen3.6-flash', 'qwen3.6-max-preview', 'deepseek-v3.2', 'deepseek-v4-flash'],
  ...['deepseek-v4-pro', 'kimi-k2.6', 'minimax-m2.5-highspeed', 'minimax-m2.7'],
  ...Array.from({ length: 15 }, (_, index) => `vendor/model-${index + 10}`),
];
const videos = [
  ...['seedance-1.0-pro', 'seedance-1.5-pro', 'seedance-2.0', 'happyhorse-1.0-t2v'],
  ...['happyhorse-1.0-i2v', 'happyhorse-1.0-video-edit', 'happyhorse-1.0-r2v'],
];

/** What the list is of; it must be the one that `alltoken` would ask. */
const baseUrl = 'https://api.alltoken.ai/v1';

const capabilities = {
  ratios: { values: ['16:9', '9:16', '4:3', '3:4', '1:1', '21:9', 'adaptive'], default: '16:9' },
  resolutions: { values: ['480p', '720p', '1080p'], default: '720p' },
  duration: { type: 'range', min: 4, max: 12, step: 1, default: 5, supports_auto: true },
  features: { return_last_frame: true, seed: true, generate_audio: true, watermark: false },
  input_types: ['text', 'image_first_frame', 'image_first_last_frame', 'image_reference'],
};

/** 46 of them: 38 chats, one for images, 7 for videos. */
function models() {
  const listed = [
    ...chats.map((id) => model(id, 'chat', 'text')),
    model('gpt-image-2', 'image', 'image'),
    ...videos.map((id) => ({ ...model(id, 'video', 'video'), capabilities })),
  ];
  return listed.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function model(id, kind, output) {
  return {
    id,
    kind,
    name: id.replaceAll('-', ' '),
    description: `${id} is a model for ${kind} that does what its makers say, at the price below, in about as many words as such descriptions have on the lists of gateways.`,
    input: '0.25',
    output: '2',
    cached_input: '0.025',
    context: 400_000,
    max_output: 128_000,
    input_modalities: ['text', 'image'],
    output_modalities: [output],
    capabilities: null,
  };
}

/** What `alltoken models` prints into a pipe: chats only. */
export const chatIds = [...chats].sort();

/**
 * A home of its own (for ALLTOKEN_HOME) whose list was fetched just now, with a config file of what people set, or with
 * none. Returns its path.
 */
export function homeWithModels(bench, name, { config }) {
  const home = join(bench.directory, name);
  mkdirSync(join(home, 'cache'), { recursive: true, mode: 0o700 });
  const list = { v: 1, base_url: baseUrl, fetched_at: Date.now(), models: models() };
  const options = { mode: 0o600 };
  writeFileSync(join(home, 'cache', 'models-alltoken.json'), `${JSON.stringify(list)}\n`, options);
  if (config) writeFileSync(join(home, 'config.json'), configText, options);
  return home;
}

const configText = `${JSON.stringify({
  gateway: 'alltoken',
  defaults: { chat: { model: 'gpt-5.4' } },
  aliases: { fast: 'gpt-5.4-nano' },
  budget: { day: '5', month: '50' },
})}\n`;
