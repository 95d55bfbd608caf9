import { describe, expect, test } from 'vitest';
import { exitOfSlugs, isFieldRefused, isTooLong } from '../../src/transport/error-codes.ts';

/** Names as vendors document them; where each is documented stands in `error-codes.ts`. The bodies around them: `vendors`. */
const slugs: [exit: string, names: string][] = [
  [
    'refused',
    `upstream_content_violation content_filter contentFilter content_policy_violation
    ContentPolicyViolationError ResponsibleAIPolicyViolation moderation_blocked content_moderation safety_violation
    safety_check_failed flagged_input sensitive zhipu:1301 DataInspectionFailed minimax:1026 minimax:1027
    SensitiveContentDetected InputTextSensitiveContentDetected InputImageSensitiveContentDetected
    InputVideoSensitiveContentDetected InputAudioSensitiveContentDetected OutputTextSensitiveContentDetected
    OutputImageSensitiveContentDetected OutputVideoSensitiveContentDetected OutputAudioSensitiveContentDetected
    InputTextRiskDetection InputImageRiskDetection InputVideoRiskDetection InputAudioRiskDetection
    OutputTextRiskDetection OutputImageRiskDetection OutputVideoRiskDetection OutputAudioRiskDetection
    PROHIBITED_CONTENT IMAGE_SAFETY SAFETY cloudflare:2016 cloudflare:2017`,
  ],
  ['already_retrieved', 'image_already_retrieved'],
  ['expired', 'image_expired result_expired'],
  ['budget', 'max_cost cost_unbounded budget_call budget_day budget_month'],
  [
    'balance',
    `insufficient_quota billing_hard_limit_reached billing_not_active insufficient_balance insufficient_balance_error
    minimax:1008 exceeded_current_quota_error 1113 zhipu:1113 billing_error credit_balance_too_low Arrearage
    BIL.UserArrears AllocationQuota.FreeTierOnly AccountOverdue AccountOverdueError insufficient_user_quota
    pre_consume_token_quota_failed quota_not_enough budget_exceeded payment_required insufficient_credits
    insufficient_credit insufficient_funds not_enough_credits out_of_credits reject_no_credit credit_limit
    credits_required API_KEY_USD_SPEND_LIMIT_EXCEEDED API_KEY_DIEM_SPEND_LIMIT_EXCEEDED
    personal-team-blocked:spending-limit cloudflare:3036 cloudflare:4006`,
  ],
  [
    'auth',
    `invalid_api_key InvalidApiKey API_KEY_INVALID UNAUTHENTICATED authentication_error auth_error
    invalid_authentication_error incorrect_api_key_error minimax:1004 minimax:2049`,
  ],
  ['forbidden', 'permission_error permission_denied permission_denied_error AccessDenied'],
  [
    'not_found',
    `model_not_found upstream_model_not_found not_found_error NOT_FOUND resource_not_found_error ModelNotFound
    ModelNotOpen model_not_available DeploymentNotFound InvalidEndpointOrModel.NotFound zhipu:1211`,
  ],
  [
    'rejected',
    `invalid_request invalid_request_error invalid_parameter_error upstream_invalid_parameter
    param_not_supported_for_model unsupported_parameter unsupported_value BadRequestError INVALID_ARGUMENT
    FAILED_PRECONDITION InvalidParameter MissingParameter invalid_model context_length_exceeded
    exceed_context_size_error ContextWindowExceededError string_too_long zhipu:1261 zhipu:1210 zhipu:1212 zhipu:1213
    zhipu:1214 zhipu:1215 minimax:1042 minimax:2013`,
  ],
  [
    'rate_limited',
    `rate_limit_exceeded rate_limited rate_limit_error rate_limit_reached_error too_many_requests RESOURCE_EXHAUSTED
    Throttling ThrottlingException Throttling.RateQuota zhipu:1302 zhipu:1303 zhipu:1304 zhipu:1305 zhipu:1308
    zhipu:1312 minimax:1002 minimax:1039 minimax:1041`,
  ],
  [
    'upstream',
    `all_providers_failed upstream_error upstream_auth_failed unknown_api_format overloaded_error
    engine_overloaded_error server_error INTERNAL internal_error internal_server_error UNAVAILABLE ServiceUnavailable
    minimax:1013 minimax:1033`,
  ],
];

describe('a code of a vendor', () => {
  test.each(slugs)('means %s', (exit, names) => {
    const list = names.split(/\s+/);
    const found = list.map((name) => [name, exitOfSlugs([name])]);
    expect(found).toEqual(list.map((name) => [name, exit]));
  });

  test('is one whatever its case, its dashes and its ending', () => {
    for (const name of ['InsufficientQuota', 'insufficient-quota', 'INSUFFICIENT_QUOTA_ERROR'])
      expect(exitOfSlugs([name])).toBe('balance');
  });

  test('that is not known means nothing, nor does the number of another vendor', () => {
    for (const name of ['', 'what', 'error', '1301', '1008', 'openai:1301', 'minimax:1301'])
      expect(exitOfSlugs([name])).toBeUndefined();
  });

  test('gives way to a decisive one beside it', () => {
    expect(exitOfSlugs(['invalid_request_error', 'content_filter'])).toBe('refused');
    expect(exitOfSlugs(['rate_limit_error', 'insufficient_quota'])).toBe('balance');
    expect(exitOfSlugs(['what', 'rate_limit_error', 'invalid_request_error'])).toBe('rate_limited');
  });

  test('may say that the request is too long, or that a field is not known at all', () => {
    for (const name of [
      'context_length_exceeded',
      'exceed_context_size_error',
      'ContextWindowExceededError',
      'string_too_long',
      'zhipu:1261',
    ])
      expect([isTooLong(['what', name]), isFieldRefused([name])], name).toEqual([true, false]);
    for (const name of [
      'unsupported_parameter',
      'unsupported_value',
      'unknown_parameter',
      'param_not_supported_for_model',
      'UnsupportedParameter',
      'extra_forbidden',
      'value_error.extra',
    ])
      expect([isTooLong([name]), isFieldRefused(['what', name])], name).toEqual([false, true]);
  });
});
