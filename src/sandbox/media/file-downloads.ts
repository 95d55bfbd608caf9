/** GET and HEAD of the files that tasks leave behind: whole or in part, and in the ways that faults ask for. */
import { createHash } from 'node:crypto';
import type { Call } from '../call.ts';
import { type Exchange, send } from '../envelope.ts';
import { type DownloadFault, downloadFaults } from '../fault-names.ts';
import { takeFirst } from '../faults.ts';
import { readRange } from './byte-range.ts';
import { answerStorage, StorageRefusal } from './storage.ts';
import { fileState, findFile, type StoredFile } from './stored-files.ts';
import type { SignedPath } from './url-signer.ts';

const slowPieces = 40;
const slowMillis = 50;

export function downloadFile(call: Call): Promise<void> {
  return answerStorage(call, answerDownload);
}

async function answerDownload(call: Call, signed: SignedPath): Promise<void> {
  const { exchange, faults, id } = call;
  const file = findFile(call, id);
  if (!file) throw new StorageRefusal(404, 'NoSuchKey', 'There is no such file.');
  const state = fileState(file.task, file.name);
  if (signed.serial < state.serial) throw deadUrl();
  const isGet = exchange.request.method === 'GET';
  const fault = isGet ? takeFirst(faults, downloadFaults) : null;
  if (fault) exchange.notes.push(`fault=${fault}`);
  if (fault === 'dead-url') {
    state.serial += 1;
    throw deadUrl();
  }
  if (fault === 'redirect-file') {
    send(exchange, 302, 'text/plain', '', { location: 'http://169.254.169.254/latest/' });
    return;
  }
  if (fault === 'changed-file') state.copy += 1;
  await sendFile(call, file, file.read(state.copy), fault);
}

function deadUrl(): StorageRefusal {
  return new StorageRefusal(403, 'AccessDenied', 'This address is no longer valid.');
}

/** The status and the headers for the whole of `bytes` or the requested part, then that. */
async function sendFile(
  call: Call,
  file: StoredFile,
  bytes: Buffer,
  fault: DownloadFault | null,
): Promise<void> {
  const { request, response } = call.exchange;
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  const lastModified = new Date(file.changedAt).toUTCString();
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || condition === etag || condition === lastModified;
  const range = isSame ? readRange(request.headers.range, bytes.length) : null;
  if (range === 'unsatisfiable') {
    send(call.exchange, 416, 'text/plain', '', { 'content-range': `bytes */${bytes.length}` });
    return;
  }
  const { start, end } = range ?? { start: 0, end: bytes.length - 1 };
  response.writeHead(range ? 206 : 200, {
    'content-type': file.contentType,
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    etag,
    'last-modified': lastModified,
    ...(range && { 'content-range': `bytes ${start}-${end}/${bytes.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await sendBytes(call, bytes.subarray(start, end + 1), fault === 'cut-download');
}

/** In one piece or in many; when it is cut, half of it, and then the end of the connection. */
async function sendBytes(call: Call, bytes: Buffer, isCut: boolean): Promise<void> {
  const { exchange, faults } = call;
  const { response, signal } = exchange;
  const sent = isCut ? bytes.subarray(0, bytes.length >> 1) : bytes;
  if (takeFirst(faults, ['slow-file'])) {
    exchange.notes.push('fault=slow-file');
    await trickle(exchange, sent);
  } else await writeOut(exchange, sent);
  signal.throwIfAborted();
  if (isCut) response.destroy();
  else response.end();
}

/** Resolves when the bytes have left this process: what is destroyed earlier would never have been sent. */
function writeOut({ response }: Exchange, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (bytes.length === 0) resolve();
    else response.write(bytes, () => resolve());
  });
}

async function trickle(exchange: Exchange, bytes: Buffer): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / slowPieces));
  for (let at = 0; at < bytes.length; at += size) {
    await writeOut(exchange, bytes.subarray(at, at + size));
    await exchange.clock.sleep(slowMillis, exchange.signal);
  }
}
