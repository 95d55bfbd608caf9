/** The conversations of this machine, read one after the other. A file that cannot be read does not stop the others. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { nearOrAll, runStep } from '../../base/next-step.ts';
import { nearest } from '../../config/nearest.ts';
import { findPlaces } from '../../config/places.ts';
import {
  type Conversation,
  checkSessionName,
  readSession,
  sessionFile,
  sessionFiles,
} from '../ask/conversations.ts';

type ShelfDeps = Pick<Deps, 'env' | 'platform' | 'path' | 'homeDirectory' | 'files'>;

export interface Found {
  conversation: Conversation;
  /** In ms since 1970. */
  changedAt: number;
}

export interface Shelf {
  directory: string;
  /** Names, the one that changed last first. */
  names: readonly string[];
  /** Each that can be read, in that order; warnings go to `warn`. */
  read(warn: (message: string) => void): AsyncGenerator<Found, void, undefined>;
}

export async function openShelf(deps: ShelfDeps): Promise<Shelf> {
  const directory = findPlaces(deps).sessions;
  const { files, strange } = await sessionFiles(directory, deps);
  return {
    directory,
    names: files.map(({ name }) => name),
    async *read(warn) {
      for (const file of strange)
        warn(`${JSON.stringify(file.slice(0, 80))} is not a conversation; skipped`);
      for (const { name, changedAt } of files) {
        try {
          const conversation = await readSession(directory, name, deps);
          const { damaged } = conversation;
          if (damaged > 0)
            warn(`${name}: ${damaged} damaged ${damaged === 1 ? 'line is' : 'lines are'} skipped`);
          yield { conversation, changedAt };
        } catch (error) {
          if (!(error instanceof CliError)) throw error;
          warn(`${error.message}; skipped`);
        }
      }
    },
  };
}

/** One conversation by its name. Throws `CliError` usage for a bad or unknown name, local_io for one that cannot be read. */
export async function findSession(name: string, deps: ShelfDeps): Promise<Found> {
  const directory = findPlaces(deps).sessions;
  checkSessionName(name, '');
  const status = await deps.files.status(sessionFile(directory, name, deps));
  if (status === null) throw await unknownSession(name, directory, deps);
  return { conversation: await readSession(directory, name, deps), changedAt: status.changedAt };
}

/** With the nearest name. */
export async function unknownSession(
  name: string,
  directory: string,
  deps: ShelfDeps,
): Promise<CliError> {
  const { files } = await sessionFiles(directory, deps);
  const near = nearest(
    name,
    files.map((file) => file.name),
  );
  return new CliError('usage', `no conversation is called ${name}`, {
    code: 'unknown_session',
    next: near === null ? runStep(['sessions', 'list']) : nearOrAll(near, []),
  });
}
