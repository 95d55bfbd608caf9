import { describe, expect, test } from 'vitest';
import { isOpen, states } from '../../src/jobs/states.ts';
import { taskRecordSchema, taskStates } from '../../src/schemas/task-record.ts';
import { filmItem, taskRecord } from '../helpers/video-record.ts';

describe('the states of a job', () => {
  test('are told in words, each with what resuming does', () => {
    expect(Object.keys(states).sort()).toEqual([...taskStates].sort());
    for (const { means, resume } of Object.values(states)) {
      expect(means).not.toBe('');
      expect(resume).not.toBe('');
    }
  });

  test('are open until every file is saved or nothing more can come', () => {
    expect(taskStates.filter((state) => isOpen(state))).toEqual([
      'submitting',
      'submitted',
      'received',
    ]);
  });

  test.each([...taskStates])('can stand in a record: %s', (state) => {
    const record = taskRecord({ state, items: [filmItem()] });
    expect(taskRecordSchema.parse(record)).toEqual(record);
  });

  test.each([
    ['another version', { v: 2 }],
    ['an unknown state', { state: 'lost' }],
    ['an id of another form', { id: '../../x' }],
    ['no target', { target: undefined }],
    ['a number as its cost', { cost: { amount: 0.5, currency: 'USD', source: 'gateway' } }],
  ])('a record with %s is none', (_what, change) => {
    expect(taskRecordSchema.safeParse({ ...taskRecord(), ...change }).success).toBe(false);
  });
});
