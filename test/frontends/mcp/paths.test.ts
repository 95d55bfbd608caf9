import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerWell, worldAt } from '../../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { call, dataOf, openHost, textsOf } from '../../helpers/mcp.ts';
import { startServer } from '../../helpers/server.ts';

function withFiles(world: FakeWorld): { out: string; secret: string } {
  const out = join(world.home, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'notes.txt'), 'fine to read');
  symlinkSync(world.home, join(out, 'way-out'));
  return { out, secret: world.write('secret.txt', 'not to be sent') };
}

describe('paths in the input of a tool', () => {
  test.each([
    ['alltoken_chat', { files: ['notes.txt', '../secret.txt'] }],
    ['alltoken_chat', { files: ['way-out/secret.txt'] }],
    ['alltoken_chat', { files: ['/etc/hostname'] }],
    ['alltoken_chat', { files: ['-'] }],
    ['alltoken_chat', { files: ['data:x/../../secret.txt'] }],
    ['alltoken_chat', { files: ['http:x/../../secret.txt'] }],
    ['alltoken_image', { image: '../secret.txt' }],
    ['alltoken_image', { image: 'https://example.com/../../../secret.txt' }],
    ['alltoken_image', { out: '../picture.png' }],
    ['alltoken_image', { out: '-' }],
    ['alltoken_video_submit', { first_frame: '../secret.txt' }],
    ['alltoken_video_submit', { references: ['https://example.com/a.png', '/etc/hostname'] }],
    ['alltoken_video_submit', { out: 'way-out/film.mp4' }],
  ])('%s %j is refused, and nothing is sent', async (name, input) => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const { out } = withFiles(world);
    const host = await openHost(['-o', out], { world });
    const result = await call(host, name, { prompt: 'Hi', ...input });
    expect(result.isError).toBe(true);
    expect(textsOf(result)[0]).toMatch(
      /^usage \(exit 2\): (files|image|out|first_frame|references)/,
    );
    expect(textsOf(result)[0]).toContain('Nothing was bought.');
    expect(server.requests).toEqual([]);
  });

  test.each(['../secret.txt', 'way-out/secret.txt', 'nowhere'])(
    '%s is refused with the directory and the way out, in words and as data',
    async (file) => {
      const world = fakeDeps();
      const { out } = withFiles(world);
      symlinkSync(join(world.home, 'gone'), join(out, 'nowhere'));
      const host = await openHost(['-g', 'sandbox', '-o', out], { world });
      const result = await call(host, 'alltoken_chat', { prompt: 'Hi', files: [file] });
      const hint = `name a file in ${out}, or start the server with --allow-paths`;
      expect(dataOf(result).error).toMatchObject({ code: 'path_outside', hint });
      expect(textsOf(result)[0]).toContain(`\n${hint}`);
      if (file !== 'nowhere') expect(textsOf(result)[0]).toContain(`is outside ${out}.`);
    },
  );

  test('are refused where the directory is the whole disk, with what to do about it', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', '/']);
    const result = await call(host, 'alltoken_chat', { prompt: 'Hi', files: ['etc/hostname'] });
    expect(textsOf(result)[0]).toMatch(/^usage \(exit 2\): files "etc\/hostname": \/ is the root/);
    expect(dataOf(result).error).toMatchObject({
      hint: 'start the server with -o <directory>, or give --allow-paths',
    });
  });

  test('inside the directory are read, and addresses pass', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const { out } = withFiles(world);
    const host = await openHost(['-o', out], { world });
    const files = ['notes.txt', join(out, 'notes.txt'), 'https://example.com/a.png'];
    const result = await call(host, 'alltoken_chat', { prompt: 'Hi', files });
    expect(result.isError, JSON.stringify(result)).toBeUndefined();
    expect(server.requests[0]?.body).toContain('fine to read');
    expect(server.requests[0]?.body).toContain('https://example.com/a.png');
  });

  test('are anywhere with --allow-paths', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const { out, secret } = withFiles(world);
    const host = await openHost(['-o', out, '--allow-paths'], { world });
    const result = await call(host, 'alltoken_chat', { prompt: 'Hi', files: [secret] });
    expect(result.isError).toBeUndefined();
    expect(server.requests[0]?.body).toContain('not to be sent');
  });

  test('a system that begins with @ reads no file', async () => {
    const host = await openHost(['-g', 'sandbox']);
    const result = await call(host, 'alltoken_search', { query: 'Hi', system: '@secret.txt' });
    expect(textsOf(result)[0]).toMatch(/^usage \(exit 2\): system begins with @/);
    const blank = await call(host, 'alltoken_search', { query: 'Hi', system: ' @you: be short' });
    expect(dataOf(blank).ok).toBe(true);
  });
});

describe('the directory of a server', () => {
  test('is made when it is not there', async () => {
    const world = fakeDeps();
    await openHost(['-g', 'sandbox', '-o', 'a/b'], { world });
    expect(existsSync(join(world.home, 'a/b'))).toBe(true);
  });

  test.each(['/', 'home'])('is a folder of its own where it was started in %s', async (where) => {
    const world = fakeDeps();
    const workingDirectory = where === 'home' ? world.home : where;
    const host = await openHost(['-g', 'sandbox'], {
      world: { ...world, deps: { ...world.deps, workingDirectory } },
    });
    world.write('secret.txt', 'not to be sent');
    const input = { prompt: 'Hi', files: [join(world.home, 'secret.txt')] };
    const result = await call(host, 'alltoken_chat', input);
    expect(textsOf(result)[0]).toContain(`is outside ${join(world.home, 'alltoken')}.`);
  });

  test('is the working directory elsewhere', async () => {
    const world = fakeDeps();
    const workingDirectory = join(world.home, 'project');
    mkdirSync(workingDirectory);
    const host = await openHost(['-g', 'sandbox'], {
      world: { ...world, deps: { ...world.deps, workingDirectory } },
    });
    const input = { prompt: 'A boat', size: '256x256', out: 'boat.png' };
    await call(host, 'alltoken_image', input);
    expect(existsSync(join(workingDirectory, 'boat.png'))).toBe(true);
  });
});
