import { errors } from 'oidc-provider';

/** Why a request was refused: for the client's owner, and not for whoever sent it. */
export interface Refusal {
  rule: string;
  detail: string;
  mend: string | null;
}

const refusals = new WeakMap<object, Refusal>();

/** The `invalid_grant` of RFC 6749 §5.2, which tells the caller nothing more. */
export function grantRefusal(refusal: Refusal): errors.InvalidGrant {
  return explained(new errors.InvalidGrant({ detail: refusal.detail }), refusal);
}

/** The same error, with why it was. */
export function explained<Thrown extends errors.OIDCProviderError>(error: Thrown, refusal: Refusal): Thrown {
  refusals.set(error, refusal);
  return error;
}

const sameVerifier = 'Send the verifier whose challenge the authorization request had.';

/** oidc-provider's own details that have a rule of their own. */
const known: Readonly<Record<string, { rule: string; mend: string }>> = {
  'code_verifier does not match code_challenge': { rule: 'wrong_verifier', mend: sameVerifier },
  'code_verifier must be provided': { rule: 'wrong_verifier', mend: sameVerifier },
  "redirect_uri did not match any of the client's registered redirect_uris": {
    rule: 'invalid_redirect_uri',
    mend: 'Send a redirect URI of the client, by every character, or register this one.',
  },
  'requested response_mode is not allowed for this client or request': {
    rule: 'invalid_response_mode',
    mend: 'Send a response_mode of the client (without one it is query), or register this one as one of its response_modes.',
  },
  'Pushed Authorization Request must be used': {
    rule: 'request_not_pushed',
    mend: 'Push the request to /oauth/par first, and send the request_uri that it answers.',
  },
  'invalid secret provided': { rule: 'wrong_client_secret', mend: 'Use the secret that the client has now.' },
};

/** Why a request was refused, as far as its error knows. */
export function refusalOf(error: errors.OIDCProviderError): Refusal {
  const own = refusals.get(error);
  if (own) return own;
  const detail = error.error_detail ?? error.error_description ?? error.error;
  const { rule = error.error, mend = null } = known[detail] ?? {};
  return { rule, detail, mend };
}
