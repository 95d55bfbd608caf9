/** Errors as vendors send them, one file each with its source, through the whole program: what a script and a person are told. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ask, stream, whole } from '../helpers/ask.ts';

interface VendorError {
  status: number;
  /** JSON, or text: a page, or an event stream under 200. */
  body: unknown;
  exit: number;
  code: string | null;
  message: string;
  /** 1 unless the request is retried. */
  requests?: number;
  billed?: string;
  hint?: string;
}

interface Vendor {
  source: string;
  errors: VendorError[];
}

const folder = fileURLToPath(new URL('vendors', import.meta.url));
const vendors = readdirSync(folder).map((file) => {
  const vendor = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Vendor;
  return { name: file.replace('.json', ''), ...vendor };
});

describe.each(vendors)('$name', ({ errors, source }) => {
  test('has a source', () => expect(source).not.toBe(''));

  test.each(errors)('$status $exit $message', async (error) => {
    const { status, body, exit, requests = 1 } = error;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const isStream = status === 200 && typeof body === 'string';
    const reply = isStream ? stream(text) : whole(status, 'application/json', text);
    const { code, world, server } = await ask(reply, ['Hi', '--json']);
    expect(code, world.err()).toBe(exit);
    expect(world.json().error).toMatchObject({
      exit,
      code: error.code,
      message: error.message,
      status,
      billed: error.billed ?? (exit === 46 ? 'unknown' : 'no'),
      retryable: exit >= 30 && exit < 40,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
    expect(server.requests).toHaveLength(requests);
  });
});
