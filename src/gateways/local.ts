/** Servers that people run on their own machine, at their default ports. No key, no prices. */
import { openai } from './openai.ts';
import type { Gateway } from './types.ts';

export const localServers: readonly Gateway[] = [
  server('llamacpp', 'llama.cpp', 8080, 'llama-server --port 8080'),
  server('ollama', 'Ollama', 11434, 'ollama serve'),
  server('vllm', 'vLLM', 8000, 'vllm serve <model>'),
  server('lmstudio', 'LM Studio', 1234, 'lms server start'),
];

function server(id: string, label: string, port: number, startHint: string): Gateway {
  return {
    ...openai,
    id,
    label,
    startHint,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    routes: { chat: '/chat/completions', models: '/models' },
    media: { image: null, video: null },
  };
}
