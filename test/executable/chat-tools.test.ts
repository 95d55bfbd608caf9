/** Tools in `chat` on a pseudo terminal: questions, replies, Ctrl-C, and a server of the config. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/executable.ts';
import { hasPty, startOnTerminal } from '../helpers/terminal.ts';

const script = fileURLToPath(new URL('../helpers/mcp-server.mjs', import.meta.url));

function home(): string {
  const folder = temporaryFolder();
  const servers = {
    odd: { command: process.execPath, args: [script, 'good'], allow: ['echo', 'hang'] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ mcp: { servers } }));
  return folder;
}

const image = 'Draw.\ntool: generate_image {"prompt":"A \\u001b[31mred\\u202e cat"}';

describe.runIf(hasPty)('chat with tools on a terminal', () => {
  test('one call asks before it buys, and the reply decides', async () => {
    const out = temporaryFolder();
    const folder = home();
    const refused = startOnTerminal(['chat', '--tool', 'generate_image', '-o', out, image], {
      home: folder,
    });
    await refused.shows('(costs money)? [y/N/a]');
    // What a model wrote controls no terminal.
    expect(refused.raw()).not.toContain('\u001b[31m');
    refused.type('\r');
    await refused.shows('"error":"denied"');
    expect((await refused.ended).code).toBe(0);
    expect(readdirSync(out)).toEqual([]);
    const allowed = startOnTerminal(['chat', '--tool', 'generate_image', '-o', out, image], {
      home: folder,
    });
    await allowed.shows('[y/N/a]');
    allowed.type('y\r');
    await allowed.shows('steps=2');
    expect((await allowed.ended).code).toBe(0);
    expect(readdirSync(out)).toHaveLength(1);
  });

  test('a conversation asks, remembers "always", and /tools switches', async () => {
    const folder = home();
    const session = startOnTerminal(['chat', '--tool', 'calculate'], { home: folder });
    await session.shows(/^>$/);
    session.type('/tools odd\r');
    await session.shows('odd is on from the next message on');
    session.type('tool: odd_echo {"text":"First"}\r');
    await session.shows('run odd_echo {"text":"First"} (MCP server odd)? [y/N/a]');
    session.type('a\r');
    await session.shows('[tool_result] odd_echo: First');
    await session.shows('steps=2');
    session.type('tool: odd_echo {"text":"Second"}\r');
    await session.shows('[tool_result] odd_echo: Second');
    await session.shows('steps=2', 2);
    expect(session.lines().join('\n').split('[y/N/a]')).toHaveLength(2);
    expect(existsSync(join(folder, 'tool-approvals.json'))).toBe(true);
    // A reply is no message: the line before is the last one.
    session.type('\u001b[A');
    await session.shows(/^> tool: odd_echo \{"text":"Second"\}$/, 2);
    session.type('\u0003');
    session.type('/tools odd\r');
    await session.shows('odd is off from the next message on');
    session.type('/tools\r');
    await session.shows(/^on {3}calculate/);
    session.type('\u0004');
    expect((await session.ended).code).toBe(0);
  });

  test('Ctrl-C in a tool keeps a conversation that goes on', async () => {
    const session = startOnTerminal(['chat', '--mcp', 'odd', '--tools-approve', 'auto'], {
      home: home(),
    });
    await session.shows(/^>$/);
    session.type('tool: odd_hang {}\r');
    await session.shows('[tool_call] odd_hang({})');
    session.type('\u0003');
    await session.shows('stopped');
    session.type('tool: odd_echo {"text":"Still here"}\r');
    await session.shows('[tool_result] odd_echo: Still here');
    await session.shows('steps=2');
    session.type('\u0004');
    expect((await session.ended).code).toBe(0);
  });

  test('Ctrl-C at a question stops what it is about', async () => {
    const session = startOnTerminal(['chat', '--tool', 'generate_image'], {
      home: home(),
      env: { TERM: 'dumb' },
    });
    await session.shows(/^>$/);
    session.type('tool: generate_image {"prompt":"A cat"}\r');
    await session.shows('[y/N/a]');
    session.type('\u0003');
    await session.shows('stopped');
    session.type('\u0004');
    expect((await session.ended).code).toBe(0);
  });
});
