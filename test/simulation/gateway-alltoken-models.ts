/** AllToken's lists of models and their prices: the lists of the key, and the public catalogue. */
import { json, named, refusal } from './gateway-base.ts';
import { dollars } from './gateway-books.ts';
import type { Answer } from './network.ts';

/** Units of 1e-10 dollars for a token: input, output. */
export const prices: Readonly<Record<string, readonly [bigint, bigint]>> = {
  'gpt-5.4-nano': [2_000n, 12_500n],
  'gpt-5.4-mini': [7_500n, 45_000n],
  'gpt-5.4': [25_000n, 150_000n],
  'deepseek-v4-pro': [2_800n, 4_200n],
};

export const images = ['gpt-image-2'];
export const videos = ['seedance-1.5-pro'];

export function listed(id: string, modality: string): { id: string; [key: string]: unknown } {
  return {
    id,
    object: 'model',
    created: 1_770_000_000,
    owned_by: 'chat',
    modality,
    output_modalities: [modality],
  };
}

/** Prices are for a million tokens. */
export function catalogue(): { id: string }[] {
  return Object.entries(prices).map(([id, [input, output]]) => ({
    ...listed(id, 'text'),
    input_price: dollars(input * 1_000_000n),
    output_price: dollars(output * 1_000_000n),
    context_length: 128_000,
    max_output_tokens: 8192,
  }));
}

export function pageOf(id: string): Answer {
  const found = catalogue().find((model) => model.id === id);
  return found === undefined
    ? named('unknown', refusal(404, 'model_not_found'))
    : named('known', json(200, { data: found }));
}
