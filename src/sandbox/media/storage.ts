/** What the simulated object storage requires of every request: a signature in the address, and no API key. It stores nothing. */
import type { Call } from '../call.ts';
import { type Exchange, send } from '../envelope.ts';
import type { SignedPath } from './url-signer.ts';

/** Thrown to end a request in the way of a storage: a status and XML. */
export class StorageRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'StorageRefusal';
    this.status = status;
    this.code = code;
  }
}

/** Runs `work` for an address of this server's own; answers itself for any other, and where `work` throws StorageRefusal. */
export async function answerStorage(
  call: Call,
  work: (call: Call, signed: SignedPath) => Promise<void>,
): Promise<void> {
  try {
    await work(call, signedPath(call));
  } catch (error) {
    if (!(error instanceof StorageRefusal) || call.exchange.signal.aborted) throw error;
    refuse(call.exchange, error);
  }
}

function signedPath({ exchange, media, path, query }: Call): SignedPath {
  if (exchange.request.headers.authorization !== undefined) {
    const message = 'Only one auth mechanism allowed: the address is signed, so send no key.';
    throw new StorageRefusal(400, 'InvalidArgument', message);
  }
  const signed = media.signer.read(path, query);
  if (!signed) {
    throw new StorageRefusal(403, 'SignatureDoesNotMatch', 'The signature does not match.');
  }
  if (signed.expiresAt <= exchange.clock.now()) {
    throw new StorageRefusal(403, 'AccessDenied', 'Request has expired.');
  }
  return signed;
}

/** Reads what the client still sends, so that it can see the reply. */
function refuse(exchange: Exchange, { code, message, status }: StorageRefusal): void {
  exchange.notes.push(code);
  exchange.request.resume();
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${message}</Message></Error>
`;
  send(exchange, status, 'application/xml', xml);
}
