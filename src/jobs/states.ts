/** The states of a paid job: what each means, and what resuming does in it. The one table; `carry-on.ts` has a step for each open state. */
import type { TaskState } from '../schemas/task-record.ts';

interface StateRule {
  /** Something is left to do. */
  open: boolean;
  means: string;
  /** What `tasks resume` does. Nothing in this table ever sends a second request that could buy again. */
  resume: string;
}

export const states = {
  submitting: {
    open: true,
    means: 'written before the create request; no reply to it is known',
    resume:
      'nothing is sent by --all. An image that is named, within 60 s of the first try: the same request with the same Idempotency-Key, which the gateway answers with the task of the first one. A video: the list of the gateway is read and what looks like it is offered, to be taken with --adopt. Else exit 46 says where to look',
  },
  submitted: {
    open: true,
    means: 'the gateway has the task and its id is known',
    resume:
      'a whole reply that is already on disk is taken; else the gateway is asked until the task ends',
  },
  received: {
    open: true,
    means: 'the task is complete, and the reply with the result is on disk or in the journal',
    resume:
      'each item that has no file yet is saved: a file that got its name just before the end is recognised by its hash, a whole temporary file only gets its name, a part of a download goes on, everything else is taken from the reply or its address again',
  },
  done: { open: false, means: 'every file is safely on disk', resume: 'the paths are told again' },
  ended: {
    open: false,
    means: 'the task failed, was cancelled or expired on the server',
    resume: 'the failure is told again (44)',
  },
  gone: {
    open: false,
    means: 'the result cannot be had any more (410)',
    resume: 'that is told again (42 or 43), with what is left of it on disk',
  },
} as const satisfies Record<TaskState, StateRule>;

/** The states in which there is something left to do. */
export type OpenState = {
  [State in TaskState]: (typeof states)[State]['open'] extends true ? State : never;
}[TaskState];

export function isOpen(state: TaskState): state is OpenState {
  return states[state].open;
}
