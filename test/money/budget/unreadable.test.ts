import { expect, test } from 'vitest';
import { systemErrorCode } from '../../../src/base/errors.ts';
import { files } from '../../../src/system/files.ts';
import { openBooks, refusal } from './books.ts';

test.each(['EIO', 'EACCES', 'EMFILE', 'EISDIR'])(
  'a state that cannot be read for the moment (%s) is not made anew: it holds the reservations of calls that run',
  async (code) => {
    let fails = false;
    const books = openBooks(
      { day: '1' },
      {
        async read(path, most, signal) {
          if (fails && path.endsWith('budget.json'))
            throw Object.assign(new Error(`${code}: read`), { code });
          return files.read(path, most, signal);
        },
      },
    );
    await books.reserve({ id: 1 });
    fails = true;
    const error: unknown = await books.reserve({ id: 2 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exit: 'local_io', billed: 'no' });
    expect(systemErrorCode(error) ?? code).toBe(code);
    fails = false;
    await refusal(books.reserve({ id: 3 }));
  },
);
