import { existsSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sessionsDocumentSchema } from '../../../src/schemas/sessions.ts';
import { answerWell, chat, errLines, worldAt } from '../../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { startServer } from '../../helpers/server.ts';

interface TurnOptions {
  at?: string;
  model?: string;
  system?: string | null;
  prompt?: unknown;
  answer?: unknown;
}

function turn(options: TurnOptions = {}): string {
  const {
    at = '2026-11-22T10:00:00.000Z',
    model = 'gpt-5.4-mini',
    system = null,
    prompt = 'Where is the Louvre?',
    answer = 'In Paris.',
  } = options;
  return JSON.stringify({
    v: 1,
    at,
    gateway: 'alltoken',
    model,
    system,
    messages: [
      { role: 'user', content: prompt },
      { role: 'assistant', content: answer },
    ],
  });
}

/** A world with these conversations, the first the newest. */
function worldOf(sessions: Record<string, string>, options: FakeOptions = {}): FakeWorld {
  const world = fakeDeps(options);
  mkdirSync(join(world.home, 'sessions'));
  for (const [index, [name, text]] of Object.entries(sessions).entries()) {
    const path = world.write(`sessions/${name}.jsonl`, text);
    utimesSync(path, 1000 - index, 1000 - index);
  }
  return world;
}

const fileOf = (world: FakeWorld, name: string): string =>
  join(world.home, 'sessions', `${name}.jsonl`);

const paris = `${turn({ system: 'Be brief' })}\n${turn({ at: '2026-11-22T11:00:00.000Z', model: 'glm-5', prompt: 'How do I get there?', answer: 'By \u001b[31mmetro.' })}\n`;
const rome = `${turn({ prompt: 'Rome?\nAnd\tmore', answer: 'Italy.' })}\n`;

describe('sessions list', () => {
  test('names the model that goes on, which is not that of a search', async () => {
    const search = { at: '2026-11-22T12:00:00.000Z', model: 'deepseek-v4-pro' };
    const searched = turn(search).replace('{', '{"search":true,');
    const world = worldOf({ both: `${turn()}\n${searched}\n`, only: `${searched}\n` });
    expect(await world.run('sessions')).toBe(0);
    expect(world.out()).toMatch(/^both\t.*\tgpt-5\.4-mini\t.*\nonly\t.*\tdeepseek-v4-pro\t/);
  });

  test('is a line each in a pipe, newest first, and the document has the same', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions')).toBe(0);
    expect(world.out()).toBe(
      'paris\t2026-11-22T11:00:00.000Z\t2\tglm-5\talltoken\tWhere is the Louvre?\n' +
        'rome\t2026-11-22T10:00:00.000Z\t1\tgpt-5.4-mini\talltoken\tRome? And more\n',
    );
    const other = worldOf({ paris, rome });
    expect(await other.run('sessions', 'list', '--json')).toBe(0);
    expect(sessionsDocumentSchema.parse(other.json())).toEqual(other.json());
    expect(other.json()).toMatchObject({ total: 2, sessions: [{ name: 'paris' }, { turns: 1 }] });
  });

  test.each([40, 80, 100])('fits %i columns', async (columns) => {
    const world = worldOf({ paris, rome }, { stdoutIsTerminal: true, columns });
    expect(await world.run('sessions')).toBe(0);
    expect(
      world
        .out()
        .split('\n')
        .filter((line) => line.length > columns + 9),
    ).toEqual([]);
    expect(world.out()).toMatch(/1 h ago|60 min ago/);
  });

  test('names broken files, and lists the others', async () => {
    const world = worldOf({ paris, torn: `${rome}{"v":1,"at":"2026`, 'bad name': rome, empty: '' });
    mkdirSync(join(world.home, 'sessions', 'folder.jsonl'));
    expect(await world.run('sessions')).toBe(0);
    expect(
      world
        .out()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(['paris', 'torn', 'empty', '']);
    expect(errLines(world)).toEqual([
      'warning: "bad name.jsonl" is not a conversation; skipped',
      'warning: "folder.jsonl" is not a conversation; skipped',
      'warning: torn: 1 damaged line is skipped',
    ]);
  });

  test('any JSON in a file is a conversation that can be listed', async () => {
    const odd = [
      { v: 1, messages: [] },
      { v: 1, messages: [null, 7, 'x', { role: {}, content: 5 }] },
      { v: 1, messages: [{ role: 'user', content: [{ type: 'x' }, null] }], at: 'x', model: {} },
    ];
    const world = worldOf({ odd: odd.map((one) => JSON.stringify(one)).join('\n') });
    for (const words of ['list', 'show odd', 'export odd', 'export odd --json', 'search a'])
      expect(await world.run('sessions', ...words.split(' ')), world.err()).toBe(0);
    expect(world.out()).not.toMatch(/undefined|\[object/);
  });

  test('of none is empty, and says so', async () => {
    const world = fakeDeps();
    expect(await world.run('sessions')).toBe(0);
    expect(world.out()).toBe('');
    expect(errLines(world)).toEqual(['no conversation is saved']);
  });

  test('--limit', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions', '--limit', '1')).toBe(0);
    expect(world.out()).toMatch(/^paris\t.*\n$/);
    expect(errLines(world)).toEqual(['1 older ones are left out; see --limit']);
  });
});

describe('sessions show', () => {
  test('is exact in a pipe, and clean on a terminal', async () => {
    const piped = worldOf({ paris });
    expect(await piped.run('sessions', 'show', 'paris')).toBe(0);
    expect(piped.out()).toBe(
      '[1] 2026-11-22 10:00 gpt-5.4-mini\n\nsystem> Be brief\n\n> Where is the Louvre?\n\nIn Paris.\n\n' +
        '[2] 2026-11-22 11:00 glm-5\n\n> How do I get there?\n\nBy \u001b[31mmetro.\n',
    );
    const shown = worldOf({ paris }, { stdoutIsTerminal: true });
    expect(await shown.run('sessions', 'show', 'paris')).toBe(0);
    expect(shown.out()).toBe(piped.out().replace('\u001b[31m', ''));
  });

  test('prints no bytes of a picture, and no query of an address', async () => {
    const prompt = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(4000)}` } },
      { type: 'image_url', image_url: { url: 'https://x.test/a.png?sig=secret' } },
      { type: 'text', text: 'What is it?' },
    ];
    const world = worldOf({ pic: turn({ prompt }) });
    expect(await world.run('sessions', 'show', 'pic')).toBe(0);
    expect(world.out()).toContain('[image/png, 4 KB]');
    expect(world.out()).toContain('[image https://x.test/a.png]');
    expect(world.out()).not.toMatch(/AAAA|secret/);
  });

  test.each([
    ['pariss', 'did you mean paris?'],
    ['tokyo', 'alltoken sessions list'],
    ['../paris', ''],
    ['a b', ''],
    ['.', ''],
  ])('%s is not there', async (name, hint) => {
    const world = worldOf({ paris });
    for (const command of ['show', 'export', 'remove']) {
      expect(await world.run('sessions', command, name)).toBe(2);
      expect(world.err()).toContain(hint);
    }
    expect(existsSync(fileOf(world, 'paris'))).toBe(true);
  });
});

describe('sessions search', () => {
  test('finds messages with all the words, in any case', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions', 'search', 'LOUVRE', 'where')).toBe(0);
    expect(world.out()).toBe('paris\t1\tuser\tWhere is the Louvre?\n');
  });

  test('nothing found is no failure', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions', 'search', 'louvre rome', '--json')).toBe(0);
    expect(sessionsDocumentSchema.parse(world.json())).toMatchObject({ matches: [] });
    expect(world.err()).toContain('nothing was found');
  });

  test('an excerpt is bounded', async () => {
    const world = worldOf({
      long: turn({ answer: `${'x '.repeat(5000)}needle${' y'.repeat(5000)}` }),
    });
    expect(await world.run('sessions', 'search', 'needle')).toBe(0);
    expect(world.out().length).toBeLessThan(220);
    expect(world.out()).toContain('needle');
  });
});

describe('sessions export', () => {
  test('is Markdown', async () => {
    const world = worldOf({ rome });
    expect(await world.run('sessions', 'export', 'rome', '--markdown')).toBe(0);
    expect(world.out()).toBe('# rome\n\n## User\n\nRome?\nAnd\tmore\n\n## Assistant\n\nItaly.\n');
  });

  test('--json has the messages as the next request has them', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    expect(await chat(world, '--session', 's', '-s', 'Be brief', 'One')).toBe(0);
    const exported = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await exported.run('sessions', 'export', 's', '--json')).toBe(0);
    expect(sessionsDocumentSchema.parse(exported.json())).toEqual(exported.json());
    expect(await chat(world, '--session', 's', 'Two')).toBe(0);
    const sent = server.requests.at(-1)?.json?.messages as unknown[];
    expect(exported.json().messages).toEqual(sent.slice(0, -1));
  });
});

describe('sessions remove and rename', () => {
  test('remove takes all the named ones, or none', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions', 'remove', 'paris', 'tokyo')).toBe(2);
    expect(existsSync(fileOf(world, 'paris'))).toBe(true);
    expect(await world.run('sessions', 'remove', 'paris', 'rome', 'paris')).toBe(0);
    expect(world.out()).toBe('paris\nrome\n');
    expect(existsSync(fileOf(world, 'paris'))).toBe(false);
  });

  test('rename', async () => {
    const world = worldOf({ paris, rome });
    expect(await world.run('sessions', 'rename', 'paris', 'rome')).toBe(2);
    expect(world.err()).toContain('code=session_exists');
    expect(readFileSync(fileOf(world, 'rome'), 'utf8')).toBe(rome);
    expect(world.err()).toContain('hint: alltoken sessions rename paris rome-2\n');
    expect(await world.run('sessions', 'rename', 'paris', 'a/b')).toBe(2);
    const before = world.err().length;
    expect(await world.run('sessions', 'rename', 'paris', 'paris')).toBe(2);
    expect(world.err().slice(before)).not.toContain('remove');
    expect(await world.run('sessions', 'rename', 'paris', 'france')).toBe(0);
    expect(readFileSync(fileOf(world, 'france'), 'utf8')).toBe(paris);
    expect(existsSync(fileOf(world, 'paris'))).toBe(false);
  });
});

describe('chat says which conversation goes on', () => {
  test('its age, its turns and its last prompt, and that one begins', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    expect(await chat(world, '--session', 'work', 'One')).toBe(0);
    expect(errLines(world)[0]).toBe('new conversation work');
    expect(await chat(world, '-c', 'Two')).toBe(0);
    expect(world.err()).toContain('continuing work: 1 turn, the last just now: "One"\n');
    const before = world.err();
    expect(await chat(world, '-c', '-q', 'Three')).toBe(0);
    expect(world.err()).toBe(before);
  });

  test.each([['--json'], ['--jsonl'], ['-q'], ['--no-stream']])(
    '-c goes on with the call before it, also one with %s',
    async (flag) => {
      const server = await startServer(answerWell);
      const world = worldAt(server);
      expect(await chat(world, 'One')).toBe(0);
      const long = `Two  has
        a line end, and more words than the note has room for`;
      expect(await chat(world, flag, long)).toBe(0);
      expect(await chat(world, '-c', 'Three')).toBe(0);
      expect(world.err()).toContain(
        'continuing last: 1 turn, the last just now: "Two has a line end, and more words than…"\n',
      );
      expect(server.requests.at(-1)?.json?.messages).toHaveLength(3);
    },
  );

  test('-c passes over a file that is no conversation', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    mkdirSync(join(world.home, 'sessions'));
    world.write('sessions/work.jsonl', rome);
    utimesSync(fileOf(world, 'work'), 1, 1);
    world.write('sessions/not ours.jsonl', paris);
    expect(await chat(world, '-c', 'Two')).toBe(0);
    expect(world.err()).toContain('continuing work: 1 turn');
  });
});
