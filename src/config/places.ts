/** Where the config, the state and the cache live on this system. It computes paths and never touches a disk. */
import { posix, win32 } from 'node:path';
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { variable } from './variable.ts';

/** Absolute paths, which may not exist. */
export interface Places {
  configFile: string;
  templates: string;
  ledger: string;
  sessions: string;
  tasks: string;
  /** Reserved and spent amounts, used only with a budget. */
  budget: string;
  /** Which proxies of this home run. */
  servers: string;
  cache: string;
}

type PlaceDeps = Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory'>;

/**
 * ALLTOKEN_HOME, else the XDG directories, else the system's own; macOS counts as POSIX, as it does for gh.
 * Throws `no_key` for a relative ALLTOKEN_HOME, which would depend on the working directory.
 */
export function findPlaces(deps: PlaceDeps): Places {
  const { isAbsolute, join } = deps.path;
  const home = variable(deps, 'ALLTOKEN_HOME');
  if (home !== undefined) {
    if (!isAbsolute(home)) {
      throw new CliError('no_key', 'ALLTOKEN_HOME is not an absolute path', { code: 'bad_home' });
    }
    return layOut(join, home, home, join(home, 'cache'));
  }
  // The XDG specification: a relative value is invalid and is to be ignored.
  const xdg = (name: string) => {
    const value = variable(deps, name);
    return value !== undefined && isAbsolute(value) ? join(value, 'alltoken') : undefined;
  };
  const config = xdg('XDG_CONFIG_HOME');
  const state = xdg('XDG_STATE_HOME');
  const cache = xdg('XDG_CACHE_HOME');
  if (config && state && cache) return layOut(join, config, state, cache);
  const own = deps.platform === 'win32' ? windowsPlaces(deps) : posixPlaces(deps);
  return layOut(join, config ?? own.config, state ?? own.state, cache ?? own.cache);
}

function layOut(
  join: (...parts: string[]) => string,
  config: string,
  state: string,
  cache: string,
): Places {
  return {
    configFile: join(config, 'config.json'),
    templates: join(config, 'templates'),
    ledger: join(state, 'ledger'),
    sessions: join(state, 'sessions'),
    tasks: join(state, 'tasks'),
    budget: join(state, 'budget'),
    servers: join(state, 'servers'),
    cache: join(cache),
  };
}

interface Roots {
  config: string;
  state: string;
  cache: string;
}

function posixPlaces({ homeDirectory }: PlaceDeps): Roots {
  // No file can exist below /dev/null, not even for root: without a home there is no state, but answers still work.
  const home = posix.isAbsolute(homeDirectory) ? homeDirectory : '/dev/null';
  return {
    config: posix.join(home, '.config', 'alltoken'),
    state: posix.join(home, '.local', 'state', 'alltoken'),
    cache: posix.join(home, '.cache', 'alltoken'),
  };
}

function windowsPlaces(deps: PlaceDeps): Roots {
  const roaming = windowsFolder(deps, 'APPDATA', 'Roaming');
  const local = windowsFolder(deps, 'LOCALAPPDATA', 'Local');
  return {
    config: win32.join(roaming, 'alltoken'),
    state: win32.join(local, 'alltoken'),
    // State and cache share %LOCALAPPDATA%, so the cache gets a folder of its own that can be deleted.
    cache: win32.join(local, 'alltoken', 'cache'),
  };
}

function windowsFolder(deps: PlaceDeps, name: string, folder: string): string {
  const value = variable(deps, name);
  if (value !== undefined && win32.isAbsolute(value)) return value;
  if (win32.isAbsolute(deps.homeDirectory))
    return win32.join(deps.homeDirectory, 'AppData', folder);
  throw new CliError('no_key', `${name} is not set, and there is no home directory`, {
    code: 'bad_home',
    next: { do: 'say', words: '$env:ALLTOKEN_HOME="C:\\alltoken"', for: 'user' },
  });
}
