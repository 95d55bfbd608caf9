/** The groups that faults come in. It decides nothing. */
import { chatFaults, type FaultName, mediaFaults, publicFaults } from './fault-table.ts';

/** Every fault, with one sentence for the help. */
export const faultNames = { ...chatFaults, ...mediaFaults, ...publicFaults };

/** These are an HTTP error in place of any answer; they hit the model list too. */
export const errorFaults = [
  'rate-limit',
  'upstream',
  'server-error',
  'bad-gateway',
  'gateway-timeout',
  'bad-key',
  'no-balance',
  'forbidden',
  'not-found',
  'rejected',
  'content-policy',
] as const satisfies readonly FaultName[];

/** These alone are why a call is refused: no other request, key or model would help. */
export const refusingFaults: ReadonlySet<FaultName> = new Set([
  ...errorFaults,
  'content-filter',
  'upload-refused',
]);

/** These take the place of the whole reply, before the request is looked at. */
export const replacingFaults = [
  ...errorFaults,
  'html',
  'envelope-200',
  'redirect',
  'hang',
  'lost-reply',
] as const satisfies readonly FaultName[];

/** These break an answer; only one of them can, the others change how it looks and go together. */
export const breakingFaults = [
  'cut-stream',
  'no-done',
  'empty',
  'stream-error',
  'error-first',
  'stall',
  'bad-json',
  'comments-only',
] as const satisfies readonly FaultName[];

/** These only change how an answer of the chat looks. */
export const shapingFaults = [
  'content-filter',
  'length',
  'slow',
  'crlf',
  'byte-by-byte',
  'no-cost',
  'bad-cost',
  'late-cost',
  'tool-call',
  'cut-tool-call',
  'escape',
  'big',
] as const satisfies readonly FaultName[];

/** These stay with an image task from its creation on. */
export const imageTaskFaults = [
  'slow-task',
  'never-finish',
  'task-fails',
  'odd-state',
  'no-r2',
  'no-b64',
  'no-result',
  'bad-image',
  'bad-base64',
] as const satisfies readonly FaultName[];

/** These stay with a video task from its creation on. */
export const videoTaskFaults = [
  'slow-task',
  'never-finish',
  'task-fails',
  'task-expires',
  'odd-state',
  'no-result',
] as const satisfies readonly FaultName[];

/** These hit the poll of a completed image, one at a time. */
export const deliveryFaults = [
  'gone',
  'image-expired',
  'claimed',
] as const satisfies readonly FaultName[];

/** These hit a download, one at a time, in the order in which they were given. */
export const downloadFaults = [
  'dead-url',
  'cut-download',
  'changed-file',
  'redirect-file',
] as const satisfies readonly FaultName[];

export type ErrorFault = (typeof errorFaults)[number];
export type ReplacingFault = (typeof replacingFaults)[number];
export type BreakingFault = (typeof breakingFaults)[number];
export type ShapingFault = (typeof shapingFaults)[number];
export type TaskFault = (typeof imageTaskFaults)[number] | (typeof videoTaskFaults)[number];
export type DeliveryFault = (typeof deliveryFaults)[number];
export type DownloadFault = (typeof downloadFaults)[number];
