/** What an administrator decides about one app. */
export const appDecisions = ['allowed', 'denied'] as const;
export type AppDecision = (typeof appDecisions)[number];

/** What holds in an organization for an app that nobody decided about: `approval` has its members ask for it. */
export const appPolicies = ['allowed', 'approval', 'denied'] as const;
export type AppPolicy = (typeof appPolicies)[number];

/** The roles whose members decide about an organization's apps. */
export const appDeciders = ['owner', 'admin'] as const;

/** What a client_id looks like: one that we gave out, or the URL of a client that describes itself. */
export const clientIdPattern = /^(client_[0-9a-z]{26}|https:\/\/[a-z0-9.-]+(:[0-9]+)?\/[!"$-~]*)$/;
