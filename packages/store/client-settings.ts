import type { ClientChoice } from '#catalog';
import type { Client, ClientSettings } from './clients.ts';

/** What a client's maker chose, as the store keeps it. */
export function settingsOf(choice: ClientChoice): ClientSettings {
  return {
    name: choice.name,
    authMethod: choice.token_endpoint_auth_method,
    applicationType: choice.application_type,
    grantTypes: choice.grant_types,
    redirectUris: choice.redirect_uris,
    backchannelLogoutUri: choice.backchannel_logout_uri,
    postLogoutRedirectUris: choice.post_logout_redirect_uris,
    scopes: choice.scopes,
    logoUri: choice.logo_uri,
    clientUri: choice.client_uri,
    policyUri: choice.policy_uri,
    tosUri: choice.tos_uri,
    jwks: choice.jwks,
    dpopBoundAccessTokens: choice.dpop_bound_access_tokens,
    responseModes: choice.response_modes,
    requirePushedAuthorizationRequests: choice.require_pushed_authorization_requests,
  };
}

/** What was chosen for a client, as its maker would choose it again. */
export function choiceOf(client: Client): ClientChoice {
  return {
    name: client.name,
    logo_uri: client.logoUri,
    client_uri: client.clientUri,
    policy_uri: client.policyUri,
    tos_uri: client.tosUri,
    jwks: client.jwks,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    response_modes: client.responseModes,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
    application_type: client.applicationType,
    token_endpoint_auth_method: client.authMethod,
    grant_types: client.grantTypes,
    redirect_uris: client.redirectUris,
    backchannel_logout_uri: client.backchannelLogoutUri,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    scopes: client.scopes,
  };
}
