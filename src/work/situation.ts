/** What the advice after a failure goes by. It decides nothing. */
import type { Buying } from '../base/next-step.ts';
import type { Gateway } from '../gateways/types.ts';
import type { TaskRecord } from '../schemas/task-record.ts';

/** What is known when a command fails; what is not known yet is null or absent. */
export interface Situation {
  /** The name of the command. */
  kind: Buying | 'tasks resume' | 'models' | 'config doctor';
  gateway: Gateway | null;
  /** Where the key came from. */
  keySource: string | null;
  maxRetryWaitMs: number | null;
  /** Of a job; null: it had not begun. `journaled`: it is in the journal. */
  record?: TaskRecord | null;
  journaled?: boolean;
  /** Of a chat call. */
  ask?: Ask;
  /** For what a sandbox of an agent host may refuse: the environment, and the directory of all of our state. */
  machine?: {
    env: Readonly<Record<string, string | undefined>>;
    state: string;
    platform: string;
  };
  /** Where the config is. */
  configFile?: string | null;
}

export interface Ask {
  /** The model of the last request. */
  model: string;
  /** The same id with or without its vendor, if the gateway has it. */
  spelling: string | undefined;
  /** The same id in other spellings, else other models of its family; the nearest name first. */
  related: readonly string[];
  /** The default model of the gateway, if it was not tried. */
  usual: string | null;
  /** Set if it was sent with the search flag: a model that searches, if one is known. */
  search: { model: string | null } | null;
  /** How much of an answer was received; `lost`: a request was sent, and nothing arrived. */
  came: 'nothing' | 'lost' | 'text' | 'saved text' | 'whole';
  /** Of the conversation, if it has a name. */
  session: string | undefined;
}
