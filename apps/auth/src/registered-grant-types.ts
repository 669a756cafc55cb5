import Provider, { errors } from 'oidc-provider';
import { explained } from './refusal.ts';

/**
 * Refuses a grant type that the client is not registered for with `unauthorized_client` (RFC 6749 §5.2, RFC 8628 §3.2), where
 * oidc-provider has `invalid_request`.
 */
export function refuseOtherGrantTypes(provider: Provider): void {
  const { prototype } = provider.Client;
  const { grantTypeAllowed } = prototype;
  prototype.grantTypeAllowed = function isAllowed(grantType) {
    const isRegistered = grantTypeAllowed.call(this, grantType);
    if (!isRegistered && grantType === requestedGrantType()) {
      const error = new errors.UnauthorizedClient('the client is not registered for this grant type');
      const detail = `The client is registered for the grant types ${this.grantTypes?.join(', ')}, and for no other.`;
      const mend = 'Use one of these, or register the client for the one that it needs.';
      throw explained(error, { rule: 'grant_type_not_registered', detail, mend });
    }
    return isRegistered;
  };
}

/** By which grant type the current request asks for tokens, or prepares to. */
function requestedGrantType(): unknown {
  const { route, params } = Provider.ctx?.oidc ?? {};
  if (route === 'device_authorization') return 'urn:ietf:params:oauth:grant-type:device_code';
  return route === 'token' ? params?.grant_type : undefined;
}
