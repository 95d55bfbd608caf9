import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { commands } from '../../src/cli/command-list.ts';
import { executables } from '../../src/cli/executables.ts';
import { mainCommands } from '../../src/schemas/choices.ts';
import { root } from '../helpers/executable.ts';

const { bin, name: packageName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: Record<string, string>;
  name: string;
};

describe('the executables', () => {
  test('that are installed are those of the main commands, and one that npx finds by the name of the package', () => {
    const own = executables.map((name) => [name, `bin/${name}.js`]);
    expect(bin).toEqual(Object.fromEntries([...own, [packageName, bin.alltoken]]));
  });

  test('have a file each, and no other', () => {
    const files = readdirSync(join(root, 'bin')).filter((name) => name.startsWith('alltoken'));
    expect(files).toEqual(executables.map((name) => `${name}.js`).sort());
  });

  test.each(mainCommands)('alltoken-%s starts that command, and the list has it', (name) => {
    expect(commands.has(name)).toBe(true);
    expect(readFileSync(join(root, `bin/alltoken-${name}.js`), 'utf8')).toContain(
      `(['${name}', ...process.argv.slice(2)])`,
    );
  });

  test('start.js ends with the code of the table when a write fails', () => {
    expect(readFileSync(join(root, 'bin/start.js'), 'utf8')).toContain(
      `LOCAL_IO = ${exitCodes.local_io.code};`,
    );
  });
});
