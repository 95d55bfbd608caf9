/** The body of a completed image task. It draws nothing and decides nothing about who may have it. */
import type { Call } from '../call.ts';
import { countTokens } from '../prices.ts';
import { addressMaker, hasUrl, imageName } from './stored-files.ts';
import { endOf, type ImageTask, stateWord, timestamp } from './tasks.ts';

/** What an image of 1024x1024 pixels counts for. */
const imageTokens = { low: 272, medium: 1_056, high: 4_160 };

/** For each image in a request. */
const sourceTokens = 256;

/** `images` in base64, in order; empty for all readers but the first. It always says png: that is what the bytes are. */
export function imageResult(call: Call, task: ImageTask, images: readonly string[]): unknown {
  const { lifetimes } = call.media;
  const { id, request } = task;
  const ended = endOf(task);
  const urlExpiresAt = ended + lifetimes.imageUrlMillis;
  const address = addressMaker(call, task, urlExpiresAt);
  const item = (index: number) => ({
    ...(images[index] !== undefined && { b64_json: images[index] }),
    ...(hasUrl(task) && {
      r2_url: address(imageName(id, index)),
      r2_url_expires_at: timestamp(urlExpiresAt),
    }),
    mime_type: 'image/png',
  });
  return {
    id,
    status: stateWord(task, 'completed'),
    model: request.model,
    created: Math.floor(ended / 1000),
    data: Array.from({ length: request.count }, (_, index) => item(index)),
    usage: usage(task),
    size: `${request.width}x${request.height}`,
    quality: request.quality,
    output_format: 'png',
    completed_at: timestamp(ended),
    expires_at: timestamp(ended + lifetimes.unreadImageMillis),
  };
}

function usage({ request, sourceDigests }: ImageTask): unknown {
  const { count, height, prompt, quality, width } = request;
  const megapixels = (width * height) / 1024 ** 2;
  const output = count * Math.max(1, Math.round(megapixels * imageTokens[quality]));
  const text = countTokens(prompt);
  const images = sourceDigests.length * sourceTokens;
  return {
    input_tokens: text + images,
    output_tokens: output,
    total_tokens: text + images + output,
    input_tokens_details: { text_tokens: text, image_tokens: images },
  };
}
