/** An answer as one `chat.completion`, as a gateway sends it that does not stream. Pure. */
import type { JsonObject } from '../base/json.ts';
import type { Answer } from '../client/answer.ts';
import type { Image } from '../client/images.ts';

/** `created`: seconds since 1970. A part of an answer has no `finish_reason`. */
export function completionOf(answer: Answer, requestedModel: string, created: number): JsonObject {
  const { calls } = answer.toolCalls.whole(answer.hasTerminalSignal);
  const text = answer.text.whole ?? '';
  const reasoning = answer.reasoning.whole ?? '';
  const images = answer.images.list;
  const isSilent = text === '' && (calls.length > 0 || images.length > 0);
  return {
    id: answer.id ?? '',
    object: 'chat.completion',
    created,
    model: answer.model ?? requestedModel,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: isSilent ? null : text,
          // OpenAI's clients require the field.
          refusal: null,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
          ...(images.length === 0 ? {} : { images: images.map(imagePart) }),
          ...(answer.citations.list.length === 0 ? {} : { annotations: annotationsOf(answer) }),
        },
        finish_reason: answer.finishReason,
      },
    ],
    ...(answer.usage === null ? {} : { usage: answer.usage }),
    ...(answer.serviceTier === null ? {} : { service_tier: answer.serviceTier }),
  };
}

function imagePart({ data, url, mime }: Image): JsonObject {
  const inline =
    data === null || data.startsWith('data:') ? data : `data:${mime ?? ''};base64,${data}`;
  return { type: 'image_url', image_url: { url: url ?? inline } };
}

function annotationsOf({ citations }: Answer): JsonObject[] {
  return citations.list.map(({ url, title }) => ({
    type: 'url_citation',
    url_citation: { url, title: title ?? url },
  }));
}
