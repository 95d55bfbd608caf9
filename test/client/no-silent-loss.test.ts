/** Whatever a server sends as content, reasoning or arguments is in the document, or something is said about it; and no JSON makes the reader throw. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Answer } from '../../src/client/answer.ts';
import { readChunk } from '../../src/client/chunk.ts';
import { ask, stream } from '../helpers/ask.ts';
import { runs } from '../helpers/share.ts';

type Shape = (word: string, other: string, at: number) => object;

const delta = (fields: object): object => ({ choices: [{ index: 0, delta: fields }] });
const piece = (fields: object): object => delta({ tool_calls: [fields] });

/** Plausible and odd ways to send one word, or two. */
const shapes: Readonly<Record<string, Shape>> = {
  content: (word) => delta({ content: word }),
  'content with a counting index': (content, _, index) => ({
    choices: [{ index, delta: { content } }],
  }),
  'a delta of text': (word) => ({ choices: [{ index: 0, delta: word }] }),
  'choices as an object': (content) => ({ choices: { delta: { content } } }),
  'a part': (text) => delta({ content: [{ type: 'text', text }] }),
  'a part without a type': (text) => delta({ content: [{ text }] }),
  'strings as parts': (word, other) => delta({ content: [word, other] }),
  'parts in parts': (text) => delta({ content: [[{ type: 'text', text }]] }),
  'an object': (text) => delta({ content: { type: 'text', text } }),
  'an unknown object': (body) => delta({ content: { body } }),
  'an unknown part with text': (text) => delta({ content: [{ type: 'hologram', text }] }),
  'an unknown part': (body) => delta({ content: [{ type: 'hologram', body }] }),
  'a part with nested text': (value) => delta({ content: [{ type: 'text', text: { value } }] }),
  refusal: (refusal) => delta({ refusal }),
  reasoning: (reasoning) => delta({ reasoning }),
  'reasoning as an object': (text) => delta({ reasoning: { text } }),
  'reasoning as an unknown object': (body) => delta({ reasoning: { body } }),
  'two kinds of reasoning': (reasoning, thinking) => delta({ reasoning, thinking }),
  reasoning_details: (text, summary) =>
    delta({
      reasoning_details: [
        { type: 'reasoning.text', text },
        { type: 'reasoning.summary', summary },
      ],
    }),
  'a thinking part': (text, other) =>
    delta({
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text }] },
        { type: 'thinking', thinking: other },
      ],
    }),
  'content beside reasoning': (content, reasoning_content) => delta({ content, reasoning_content }),
  'a message': (content) => ({ choices: [{ message: { content } }] }),
  'a message beside a delta': (content, other) => ({
    choices: [{ delta: {}, message: { content, reasoning: other } }],
  }),
  'a whole completion': (content) => ({
    object: 'chat.completion',
    choices: [{ message: { content } }],
  }),
  'a second choice': (content, other) => ({
    choices: [
      { index: 0, delta: { content } },
      { index: 1, delta: { content: other } },
    ],
  }),
  response: (response) => ({ response }),
  'a text choice': (text) => ({ choices: [{ index: 0, text }] }),
  'a whole call': (word, name, at) =>
    piece({ index: at, id: `id${at}`, function: { name, arguments: `{"a":"${word}"}` } }),
  'a call at index 0': (word, name, at) =>
    piece({ index: 0, id: `id${at}`, function: { name, arguments: `{"a":"${word}"}` } }),
  'a call without id': (word, name) =>
    piece({ index: 0, function: { name, arguments: `{"a":"${word}"}` } }),
  'a call without id and index': (word, name) =>
    piece({ function: { name, arguments: `{"a":"${word}"}` } }),
  'arguments as an object': (word, name, at) =>
    piece({ id: `id${at}`, function: { name, arguments: { a: word } } }),
  'the beginning of a call': (word, name, at) =>
    piece({ index: 0, id: `id${at}`, function: { name, arguments: `{"a":"${word}` } }),
  'the end of a call': (word) => piece({ function: { arguments: `${word}"}` } }),
  'a call of no kind': (word) => piece({ index: 0, custom: word }),
  'a call that is text': (word) => delta({ tool_calls: word }),
  function_call: (word, name) => delta({ function_call: { name, arguments: `{"a":"${word}"}` } }),
  'a whole message with a call': (word, name, at) => ({
    object: 'chat.completion',
    choices: [
      {
        message: {
          tool_calls: [{ id: `id${at % 3}`, function: { name, arguments: `{"a":"${word}"}` } }],
        },
      },
    ],
  }),
  audio: (transcript) => delta({ audio: { transcript } }),
};

const names = Object.keys(shapes);

describe('no word of a server', () => {
  test('is lost without a word of ours', async () => {
    const sequences = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const chunks = sequence.map((name, at) => shapes[name]?.(`w${at}w`, `v${at}v`, at));
        const ends = ['{"choices":[{"delta":{},"finish_reason":"stop"}]}', '[DONE]'];
        const wire = [...chunks.map((chunk) => JSON.stringify(chunk)), ...ends];
        const body = wire.map((data) => `data: ${data}\n\n`).join('');
        const { code, world } = await ask(stream(body), ['--json', 'Hi']);
        const { text, reasoning, tool_calls: calls, warnings } = world.json();
        const shown = JSON.stringify([text, reasoning, calls]);
        const sent = JSON.stringify(chunks).match(/[wv]\d+[wv]/g) ?? [];
        const isSaid = code !== 0 || (warnings as string[]).length > 0;
        for (const word of sent) if (!shown.includes(word)) expect(isSaid, word).toBe(true);
      }),
      { seed: 14, numRuns: runs(250) },
    );
  });
});

const odd = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom(null, '', 0, -1, 1.5, true, [], {}, [null], [[]], { type: 'text' }, 'null'),
);

/** Objects with the names that the reader knows, and anything in them. */
function some(...fields: string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(fields.map((field) => [field, odd])), { requiredKeys: [] });
}

const call = some('index', 'id', 'name', 'function', 'arguments', 'input');
const part = some(
  'type',
  'text',
  'thinking',
  'image_url',
  'url',
  'source',
  'annotations',
  'content',
);
const message = fc
  .tuple(
    some(
      'content',
      'refusal',
      'reasoning',
      'reasoning_details',
      'images',
      'tool_calls',
      'function_call',
      'annotations',
      'context',
      'audio',
    ),
    fc.array(call, { maxLength: 3 }),
    fc.array(part, { maxLength: 3 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([base, tool_calls, content, which]) => ({
    ...base,
    ...(which & 1 ? { tool_calls } : {}),
    ...(which & 2 ? { content } : {}),
  }));
const choice = fc.oneof(
  odd,
  fc.record(
    {
      index: odd,
      delta: fc.oneof(odd, message),
      message: fc.oneof(odd, message),
      finish_reason: odd,
      usage: odd,
      text: odd,
    },
    { requiredKeys: [] },
  ),
);
const chunks = fc.oneof(
  odd,
  fc.record(
    {
      id: odd,
      object: fc.constantFrom('chat.completion', 'chat.completion.chunk', 1),
      model: odd,
      choices: fc.oneof(odd, fc.array(choice, { maxLength: 3 })),
      usage: odd,
      x_groq: odd,
      citations: odd,
      search_results: odd,
      search_info: odd,
      web_search: odd,
      message: odd,
      response: odd,
      result: odd,
      output: odd,
      done: odd,
      done_reason: odd,
    },
    { requiredKeys: [] },
  ),
);

function readAll(list: readonly unknown[]): Answer {
  const answer = new Answer(1000);
  for (const json of list) {
    const output = readChunk(json, answer);
    if (output === null) continue;
    answer.text.add(output.text);
    answer.reasoning.add(output.reasoning);
  }
  return answer;
}

describe('the reader of chunks', () => {
  test('throws for no JSON, and what it finds has the right types', () => {
    fc.assert(
      fc.property(fc.array(chunks, { maxLength: 5 }), (list) => {
        const answer = readAll(list);
        for (const { url, title } of answer.citations.list) {
          expect(url).toMatch(/^https?:/i);
          expect(title === null || typeof title === 'string').toBe(true);
        }
        for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) {
          const count = answer.usage?.[key];
          const isCount = Number.isSafeInteger(count) && Number(count) >= 0;
          expect(count === undefined || count === null || isCount, key).toBe(true);
        }
        for (const { function: called } of answer.toolCalls.whole(true).calls)
          expect(() => JSON.parse(called.arguments)).not.toThrow();
        expect(typeof (answer.unread.warning(true) ?? '')).toBe('string');
        expect(typeof (answer.finishReason ?? '')).toBe('string');
      }),
      { seed: 14, numRuns: runs(2000) },
    );
  });

  test.each(['content', 'reasoning', 'reasoning_details', 'images', 'tool_calls', 'annotations'])(
    'bears any depth in %s',
    (field) => {
      const deep = `${'[{"content":'.repeat(50_000)}1${'}]'.repeat(50_000)}`;
      const json: unknown = JSON.parse(`{"choices":[{"delta":{"${field}":${deep}}}]}`);
      expect(() =>
        readAll([json, { choices: [{ finish_reason: json, usage: json }] }]),
      ).not.toThrow();
    },
  );
});
