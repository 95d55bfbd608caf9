/** Records as a job leaves them in the journal, for the tests of its parts. */
import type { TaskItem, TaskRecord } from '../../src/schemas/task-record.ts';

export function taskRecord(more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    v: 1,
    id: 'job_0123456789ab',
    kind: 'video',
    state: 'submitting',
    created_at: '2026-11-22T12:00:00.000Z',
    updated_at: '2026-11-22T12:00:00.000Z',
    gateway: 'alltoken',
    base_url: 'https://api.alltoken.ai/v1',
    ephemeral: false,
    key_mark: null,
    model: 'seedance-1.5-pro',
    prompt: 'A boat',
    call: 'call-1',
    create: {
      path: '/videos/generations',
      body: { model: 'seedance-1.5-pro', prompt: 'A boat' },
      idempotency_key: null,
      first_sent_at: '2026-11-22T12:00:00.000Z',
      attempts: 0,
    },
    task_id: null,
    request_id: null,
    status: null,
    target: { directory: '/tmp', name: null, force: false, last_frame: null },
    download: true,
    body: null,
    items: [],
    remains: null,
    answered_model: null,
    usage: null,
    cost: { amount: null, currency: 'USD', source: 'unknown' },
    error: null,
    ...more,
  };
}

export function filmItem(more: Partial<TaskItem> = {}): TaskItem {
  return {
    role: 'video',
    inline: null,
    url: 'https://storage.example.com/film.mp4',
    url_expires_at: null,
    part: null,
    saving: null,
    saved: null,
    ...more,
  };
}
