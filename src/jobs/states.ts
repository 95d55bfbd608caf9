/** The states of a paid job: what each means, and what resuming does in it. The only table; `carry-on.ts` has a step for each open state. */
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
    means: 'written before the create request; its response is not recorded',
    resume:
      '--all sends nothing. An image given by id, within 60 s of the first try: the same request is sent with the same Idempotency-Key, and the gateway returns the task of the first one. A video: a likely match in the list of the gateway is offered, to be taken with --adopt. Otherwise exit 46 says where to look',
  },
  submitted: {
    open: true,
    means: 'the gateway has the task and its id is known',
    resume:
      'a complete response that is already on disk is used; otherwise the gateway is polled until the task ends',
  },
  received: {
    open: true,
    means: 'the task is complete, and the response with the result is on disk or in the journal',
    resume:
      'each item without a file is saved: a file that was renamed just before a crash is recognised by its hash, a complete temporary file is renamed, a partial download is continued, and everything else is read from the response or downloaded again',
  },
  done: {
    open: false,
    means: 'nothing is left to do',
    resume: 'the paths are reported again, and what is not on disk is downloaded again',
  },
  ended: {
    open: false,
    means: 'the task failed, was cancelled or expired on the server',
    resume: 'the failure is reported again (44)',
  },
  gone: {
    open: false,
    means: 'the result is no longer available',
    resume: 'that is reported again (42 or 43), with the paths of partial data on disk',
  },
} as const satisfies Record<TaskState, StateRule>;

/** The states in which there is something left to do. */
export type OpenState = {
  [State in TaskState]: (typeof states)[State]['open'] extends true ? State : never;
}[TaskState];

export function isOpen(state: TaskState): state is OpenState {
  return states[state].open;
}
