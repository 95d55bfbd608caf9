import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tools } from '../../src/frontends/mcp/tools.ts';
import { compileCache, root, start, temporaryFolder } from '../helpers/executable.ts';

const executable = join(root, 'bin/alltoken.js');
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';

function environment(folder: string, home = folder): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    ALLTOKEN_HOME: home,
    ALLTOKEN_COMPILE_CACHE: compileCache,
  };
}

describe('alltoken mcp as a process', () => {
  test('serves a host that starts it', async () => {
    const folder = temporaryFolder();
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [executable, 'mcp', '-g', 'sandbox', '-o', 'made'],
      cwd: folder,
      env: environment(folder, join(folder, 'home')),
    });
    const client = new Client({ name: 'a-test', version: '1' });
    onTestFinished(() => client.close());
    await client.connect(transport);
    expect((await client.listTools()).tools).toHaveLength(tools.length);
    const ordered = await client.callTool({
      name: 'alltoken_video_submit',
      arguments: { prompt: 'A boat', out: 'boat.mp4' },
    });
    const { task_id } = ordered.structuredContent as { task_id: string };
    const fetched = await client.callTool({
      name: 'alltoken_video_fetch',
      arguments: { task_id },
    });
    expect(fetched.isError, JSON.stringify(fetched)).toBeUndefined();
    expect(existsSync(join(folder, 'made', 'boat.mp4'))).toBe(true);
  });

  test('ends with 0 when its input ends, with nothing on stderr', async () => {
    const { code, stderr } = await start(['mcp', '-g', 'sandbox'], {
      input: ping,
      cwd: temporaryFolder(),
    }).done;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends by %s while its input is open', async (name) => {
    const home = temporaryFolder();
    const child = spawn(process.execPath, [executable, 'mcp', '-g', 'sandbox'], {
      cwd: home,
      env: environment(home),
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.write(ping);
    await once(child.stdout, 'data');
    child.kill(name);
    expect(await once(child, 'exit')).toEqual([null, name]);
  });
});
