import { describe, expect, test } from 'vitest';
import { play } from '../helpers/gateways.ts';

const notFound = {
  status: 404,
  json: { error: { code: 'model_not_found', message: 'No such model' } },
};
const bad = { status: 400, json: { error: { message: 'unknown model' } } };

describe('an id without its vendor', () => {
  test.each([
    [24, notFound, 'hint: alltoken chat -g tokenhub -m openai/gpt-5.4 …'],
    [
      25,
      bad,
      'hint: this id may be the one you meant: alltoken chat -g tokenhub -m openai/gpt-5.4 …',
    ],
  ])('is sent as it was typed; %i names the other spelling', async (exit, answer, hint) => {
    const { run, server, world } = await play('tokenhub', {
      'POST /api/v1/chat/completions': answer,
    });
    expect(await run('chat', '-g', 'tokenhub', '-m', 'gpt-5.4', 'Hi')).toBe(exit);
    expect(server.requests.map(({ json }) => json?.model)).toEqual(['gpt-5.4']);
    expect(world.err()).toContain(`${hint}\n`);
  });

  test('is looked for in the list that is kept, too', async () => {
    const list = { json: { data: [{ id: 'x-ai/grok-9' }] } };
    const played = await play('openrouter', {
      'GET /api/v1/models': list,
      'POST /api/v1/chat/completions': notFound,
    });
    expect(await played.run('models', '-g', 'openrouter')).toBe(0);
    const later = played.later();
    expect(await later.run('chat', '-g', 'openrouter', '-m', 'grok-9', 'Hi')).toBe(24);
    expect(later.world.err()).toContain('hint: alltoken chat -g openrouter -m x-ai/grok-9 …\n');
  });
});

describe('an id with a vendor', () => {
  test.each([
    [24, notFound, 'hint: alltoken chat -g alltoken -m claude-sonnet-4-6 …'],
    [
      25,
      bad,
      'hint: this id may be the one you meant: alltoken chat -g alltoken -m claude-sonnet-4-6 …',
    ],
  ])('where there are none: %i names the bare one', async (exit, answer, hint) => {
    const { run, server, world } = await play('alltoken', { 'POST /v1/chat/completions': answer });
    expect(await run('chat', '-m', 'anthropic/claude-sonnet-4-6', 'Hi')).toBe(exit);
    expect(server.requests.map(({ json }) => json?.model)).toEqual(['anthropic/claude-sonnet-4-6']);
    expect(world.err()).toContain(`${hint}\n`);
  });

  test('that is known by no other spelling gets no such hint', async () => {
    const { run, world } = await play('alltoken', { 'POST /v1/chat/completions': bad });
    expect(await run('chat', '-m', 'nobody/knows-1', 'Hi')).toBe(25);
    expect(world.err()).toContain('hint: see what would be sent');
  });

  test('is one segment after the other in an address', async () => {
    const { run, server } = await play('openrouter', {
      'GET /api/v1/models': 'models.json',
      'GET /api/v1/models/x/y%20z': { json: { id: 'x/y z' } },
    });
    expect(await run('models', '-g', 'openrouter', 'x/y z')).toBe(0);
    expect(server.requests.at(-1)?.path).toBe('/api/v1/models/x/y%20z');
  });
});
