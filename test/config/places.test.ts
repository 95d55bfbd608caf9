import * as paths from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPlaces } from '../../src/config/places.ts';
import { hintOf } from '../helpers/hint.ts';
import { failureOf } from './failure.ts';

const posix = (env: Record<string, string>, platform = 'linux', homeDirectory = '/home/ada') =>
  findPlaces({ env, platform, path: paths.posix, homeDirectory });

describe('findPlaces', () => {
  it('puts everything into ALLTOKEN_HOME', () => {
    expect(posix({ ALLTOKEN_HOME: '/srv/a/', XDG_CONFIG_HOME: '/x' })).toEqual({
      configFile: '/srv/a/config.json',
      templates: '/srv/a/templates',
      ledger: '/srv/a/ledger',
      sessions: '/srv/a/sessions',
      tasks: '/srv/a/tasks',
      budget: '/srv/a/budget',
      servers: '/srv/a/servers',
      cache: '/srv/a/cache',
    });
  });

  it('refuses a relative ALLTOKEN_HOME, and takes an empty one for none', async () => {
    const error = await failureOf(() => posix({ ALLTOKEN_HOME: 'state' }));
    expect(error.exit).toBe('no_key');
    expect(error.message).toContain('ALLTOKEN_HOME');
    expect(posix({ ALLTOKEN_HOME: '' }).configFile).toBe('/home/ada/.config/alltoken/config.json');
  });

  it.each(['linux', 'darwin', 'freebsd'])('uses the XDG defaults on %s', (platform) => {
    expect(posix({}, platform)).toEqual({
      configFile: '/home/ada/.config/alltoken/config.json',
      templates: '/home/ada/.config/alltoken/templates',
      ledger: '/home/ada/.local/state/alltoken/ledger',
      sessions: '/home/ada/.local/state/alltoken/sessions',
      tasks: '/home/ada/.local/state/alltoken/tasks',
      budget: '/home/ada/.local/state/alltoken/budget',
      servers: '/home/ada/.local/state/alltoken/servers',
      cache: '/home/ada/.cache/alltoken',
    });
  });

  it('follows absolute XDG variables and ignores relative ones', () => {
    const places = posix({
      XDG_CONFIG_HOME: '/xc',
      XDG_STATE_HOME: 'relative',
      XDG_CACHE_HOME: '/xk',
    });
    expect(places.configFile).toBe('/xc/alltoken/config.json');
    expect(places.ledger).toBe('/home/ada/.local/state/alltoken/ledger');
    expect(places.cache).toBe('/xk/alltoken');
  });

  it('uses the Windows folders whatever the case of their names, and win32 separators', () => {
    const env = { AppData: 'C:\\Users\\ada\\AppData\\Roaming', LOCALAPPDATA: 'D:\\local' };
    expect(
      findPlaces({ env, platform: 'win32', path: paths.win32, homeDirectory: 'C:\\Users\\ada' }),
    ).toEqual({
      configFile: 'C:\\Users\\ada\\AppData\\Roaming\\alltoken\\config.json',
      templates: 'C:\\Users\\ada\\AppData\\Roaming\\alltoken\\templates',
      ledger: 'D:\\local\\alltoken\\ledger',
      sessions: 'D:\\local\\alltoken\\sessions',
      tasks: 'D:\\local\\alltoken\\tasks',
      budget: 'D:\\local\\alltoken\\budget',
      servers: 'D:\\local\\alltoken\\servers',
      cache: 'D:\\local\\alltoken\\cache',
    });
    expect(
      findPlaces({ env: {}, platform: 'win32', path: paths.win32, homeDirectory: 'C:\\Users\\ada' })
        .configFile,
    ).toBe('C:\\Users\\ada\\AppData\\Roaming\\alltoken\\config.json');
  });

  it('never makes a relative path when there is no home', async () => {
    expect(posix({}, 'linux', '').ledger).toBe('/dev/null/.local/state/alltoken/ledger');
    const error = await failureOf(() =>
      findPlaces({ env: {}, platform: 'win32', path: paths.win32, homeDirectory: '' }),
    );
    expect(error.exit).toBe('no_key');
    expect(hintOf(error)).toContain('ALLTOKEN_HOME');
  });
});
