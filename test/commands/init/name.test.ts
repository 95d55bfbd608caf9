import { describe, expect, test } from 'vitest';
import { initPlace } from '../../helpers/init.ts';

async function nameFor(directory: string, template = 'agent'): Promise<unknown> {
  const place = initPlace();
  const { code, json } = await place.init([directory, '--template', template, '--json']);
  expect(code).toBe(0);
  return json().name;
}

describe('the name of the package comes from the directory', () => {
  test.each([
    ['my-agent', 'my-agent'],
    ['Mein Agent', 'mein-agent'],
    ['Überflieger', 'uberflieger'],
    ['.hidden', 'hidden'],
    ['_private_', 'private'],
    ["it's (new)!", 'it-s-new'],
    ['项目', 'alltoken-agent'],
    ['🙂', 'alltoken-agent'],
    ['node_modules', 'node_modules-agent'],
    // Names of Node's own, and of what the project depends on: npm would not install into them.
    ['stream', 'stream-agent'],
    ['openai', 'openai-agent'],
    ['alltoken-cli', 'alltoken-cli-agent'],
    ['x'.repeat(250), 'x'.repeat(208)],
  ])('%s', async (directory, name) => {
    expect(await nameFor(directory)).toBe(name);
  });

  test('and depends on the template where that has packages of its own', async () => {
    expect(await nameFor('express')).toBe('express');
    expect(await nameFor('express', 'http')).toBe('express-agent');
  });

  test('a changed one is said', async () => {
    const { err } = await initPlace().init(['My Agent']);
    expect(err).toContain('the package is called my-agent\n');
    expect(err).toContain(
      "next: cd 'My Agent' && npm install && ALLTOKEN_GATEWAY=sandbox npm start",
    );
  });
});

describe('--name', () => {
  test.each(['other', '@scope/other', 'a.b-c_d', 'x'.repeat(214)])('%s is taken', async (name) => {
    const place = initPlace();
    expect(await place.init(['a', '--name', name])).toMatchObject({ code: 0 });
    expect(JSON.parse(place.read('a/package.json')).name).toBe(name);
    expect(place.read('a/README.md')).toMatch(`# ${name}\n`);
  });

  test.each([
    ['My Agent', 'my-agent'],
    ['../up', 'up'],
    ['', 'alltoken-agent'],
    ['a"b', 'a-b'],
    ['fs', 'fs-agent'],
    ['zod', 'zod-agent'],
    ['x'.repeat(215), 'x'.repeat(208)],
    ['{{package}}', 'package'],
  ])('%j is refused, with one that would do', async (name, hint) => {
    const place = initPlace();
    const { code, json } = await place.init(['a', '--name', name, '--json']);
    expect(code).toBe(2);
    expect(json().error).toMatchObject({
      code: 'bad_name',
      billed: 'no',
      next: [{ do: 'set-flag', flag: '--name', value: hint }],
    });
    expect(place.texts()).toEqual({});
  });
});
