/** The one error type of the library. Its declaration is public, so this file imports types only. */
import type { AllTokenErrorFields } from './types.ts';

/** What every promise of the library rejects with. Compare `code`, or `exit` by its tens digit; never the message. */
export class AllTokenError extends Error implements AllTokenErrorFields {
  override readonly name = 'AllTokenError';
  readonly exit: number;
  readonly kind: string;
  readonly code: string | null;
  readonly status: number | null;
  readonly billed: 'yes' | 'no' | 'unknown';
  readonly requestId: string | null;
  readonly retryable: boolean;
  readonly hint: string | null;

  constructor(fields: AllTokenErrorFields, cause?: unknown) {
    super(fields.message, cause === undefined ? undefined : { cause });
    this.exit = fields.exit;
    this.kind = fields.kind;
    this.code = fields.code;
    this.status = fields.status;
    this.billed = fields.billed;
    this.requestId = fields.requestId;
    this.retryable = fields.retryable;
    this.hint = fields.hint;
  }
}
