import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerWell, chat, worldAt } from '../../helpers/ask.ts';
import type { FakeOptions, FakeWorld } from '../../helpers/fake-deps.ts';
import { startServer, type TestServer } from '../../helpers/server.ts';

async function begin(
  templates: Record<string, object | string | Uint8Array>,
  options: FakeOptions = {},
): Promise<{ server: TestServer; world: FakeWorld }> {
  const server = await startServer(answerWell);
  const world = worldAt(server, options);
  mkdirSync(join(world.home, 'templates'));
  for (const [name, content] of Object.entries(templates)) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(
      join(world.home, 'templates', `${name}.json`),
      isRaw ? content : JSON.stringify(content),
    );
  }
  return { server, world };
}

const review = {
  system: '@not-a-file, {{lang}}',
  prompt: 'Review this {{lang}} for {{ who }}:\n{{stdin}}',
  model: 'glm-5',
  params: { temperature: 0.1, max_tokens: 50, top_p: 0.5, reasoning_effort: 'high' },
};

describe('chat -t', () => {
  test('fills the gaps, and takes model, instructions and parameters', async () => {
    const { server, world } = await begin({ review }, { stdin: 'let $& = "{{who}}"' });
    const code = await chat(world, '-t', 'review', '--var', 'lang=TS', '--var', 'who={{lang}} $1');
    expect(code, world.err()).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({
      model: 'glm-5',
      messages: [
        { role: 'system', content: '@not-a-file, {{lang}}' },
        { role: 'user', content: 'Review this TS for {{lang}} $1:\nlet $& = "{{who}}"' },
      ],
      temperature: 0.1,
      max_tokens: 50,
      top_p: 0.5,
      reasoning_effort: 'high',
    });
  });

  test('what the line says wins, also over the config', async () => {
    const { server, world } = await begin({ review }, { stdin: 'x' });
    world.write('config.json', '{"defaults":{"chat":{"temperature":1,"max_tokens":9}}}');
    const vars = ['--var', 'lang=a', '--var', 'who=b'];
    const flags = ['-m', 'gpt-5.4', '-s', 'S', '--top-p', '0.9', '--max-tokens', '7'];
    const param = ['--param', 'reasoning_effort="low"'];
    expect(await chat(world, '-t', 'review', ...vars, ...flags, ...param), world.err()).toBe(0);
    expect(server.requests[0]?.json).toMatchObject({
      model: 'gpt-5.4',
      temperature: 0.1,
      max_tokens: 7,
      top_p: 0.9,
      reasoning_effort: 'low',
    });
    expect(server.requests[0]?.json?.messages).toContainEqual({ role: 'system', content: 'S' });
  });

  test('words and piped text come after the prompt that does not use them', async () => {
    const { server, world } = await begin({ short: { prompt: 'Sum up.' } }, { stdin: 'piped' });
    expect(await chat(world, '-t', 'short', 'In', 'French.')).toBe(0);
    expect(server.requests[0]?.json?.messages).toEqual([
      { role: 'user', content: 'Sum up.\n\nIn French.\n\npiped' },
    ]);
  });

  test('a template without a prompt is one of instructions', async () => {
    const { server, world } = await begin({ pirate: { system: 'Talk like a pirate' } });
    expect(await chat(world, '-t', 'pirate')).toBe(2);
    expect(await chat(world, '-t', 'pirate', 'Hi')).toBe(0);
    expect(server.requests[0]?.json?.messages).toEqual([
      { role: 'system', content: 'Talk like a pirate' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  test('a schema of the template is checked as --schema is', async () => {
    const schema = { type: 'object', required: ['a'] };
    const { server, world } = await begin({ s: { prompt: 'x', schema } });
    expect(await chat(world, '-t', 's', '--strict')).toBe(40);
    expect(JSON.stringify(server.requests[0]?.json)).toContain('required');
  });

  test.each<[string, object | string | Uint8Array, string[], string, string]>([
    ['a missing variable', review, ['--var', 'lang=x'], 'no value for who', '--var who=TEXT'],
    ['several', review, [], 'no value for lang, who', '--var'],
    [
      'a variable that it lacks',
      { prompt: '{{x}}' },
      ['--var', 'x=1', '--var', 'who=b'],
      '--var who: template t has no {{who}}',
      'one of: x',
    ],
    [
      'a variable, and it has none',
      { prompt: 'x' },
      ['--var', 'a=1'],
      'has no {{a}}',
      'leave out --var',
    ],
    ['an unknown key', { promt: 'x' }, [], 'unknown key "promt"; did you mean "prompt"?', ''],
    ['a wrong type', { prompt: 7 }, [], 'prompt: expected a string', ''],
    ['a bad limit', { prompt: 'x', params: { max_tokens: -1 } }, [], 'max_tokens', ''],
    ['a reserved field', { prompt: 'x', params: { stream: false } }, [], 'params.stream', ''],
    ['no JSON', '{"prompt":"x",}', [], 'not JSON, line 1, column 15', ''],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), [], 'UTF-16', ''],
    ['a list', [], [], 'expected an object', ''],
    ['nothing piped', { prompt: '{{stdin}}' }, [], 'nothing is piped in', ''],
    ['stdin as a variable', { prompt: 'x' }, ['--var', 'stdin=x'], 'stdin is what is piped', ''],
    ['a variable twice', { prompt: 'x' }, ['--var', 'a=1', '--var', 'a=2'], 'given twice', ''],
    ['no =', { prompt: 'x' }, ['--var', 'a'], 'name=text', ''],
  ])('%s: 2, nothing sent', async (_name, template, words, message, hint) => {
    const { server, world } = await begin({ t: template });
    expect(await chat(world, '-t', 't', ...words)).toBe(2);
    expect(world.err()).toContain(message);
    expect(world.err()).toContain(hint);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ['reveiw', 'did you mean review?'],
    ['other', 'one of: review'],
    ['../config', 'one of: review'],
    ['', 'one of: review'],
  ])('no template %j', async (name, hint) => {
    const { world } = await begin({ review });
    world.write('config.json', '{}');
    expect(await chat(world, '-t', name, 'Hi')).toBe(2);
    expect(world.err()).toContain('code=unknown_template');
    expect(world.err()).toContain(hint);
  });

  test('--var alone', async () => {
    const { world } = await begin({});
    expect(await chat(world, '--var', 'a=1', 'Hi')).toBe(2);
    expect(world.err()).toContain('code=no_template');
  });
});
