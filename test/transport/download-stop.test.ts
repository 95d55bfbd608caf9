import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { fetchFrom, memorySink, serveFile } from './fetch-file.ts';

const FILM = 'the one and only film, in many bytes';

describe('a stop', () => {
  test('in the middle of the body keeps what came', async () => {
    const world = fakeDeps();
    const sink = memorySink('', { write: async () => world.signal('SIGINT') });
    const fetched = await fetchFrom(
      (response) => {
        response.writeHead(200, { 'content-length': FILM.length });
        response.write(FILM.slice(0, 8));
      },
      { world, sink },
    );
    expect(fetched.error?.exit).toBe('sigint');
    expect(fetched.text).toBe(FILM.slice(0, 8));
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('in the wait before the next try ends it', async () => {
    const world = fakeDeps();
    world.deps.clock.sleep = async (_, signal) => {
      world.signal('SIGTERM');
      throw signal.reason;
    };
    const fetched = await fetchFrom((response) => response.destroy(), { world });
    expect(fetched.error?.exit).toBe('sigterm');
    expect(fetched.server.requests).toHaveLength(1);
  });

  test('before the start sends nothing', async () => {
    const world = fakeDeps();
    world.signal('SIGINT');
    const fetched = await fetchFrom(serveFile(FILM), { world });
    expect(fetched.error?.exit).toBe('sigint');
    expect(fetched.server.requests).toEqual([]);
  });
});
