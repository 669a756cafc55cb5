export const consent = {
  title: (client: string) => `Allow ${client}?`,
  wantsAccess: (client: string, product: string) => `${client} wants access to your ${product} account`,
  claims: (name: string, product: string, host: string) =>
    `It calls itself ${name}. ${product} has not checked that: go on only if you know and trust ${host}.`,
  itsAddress: 'Its address is',
  madeBy: (maker: string) => `An app by ${maker}`,
  organization: 'Organization',
  change: 'Change',
  changeWhat: 'the organization',
  asksFor: 'It asks for permission to',
  allowedBefore: 'You allowed before',
  sensitive: 'Sensitive',
  roleRefuses: (role: string, organization: string) =>
    `Your role ${role} in ${organization} doesn’t allow this.`,
  nothing: (organization: string) =>
    `There is nothing here that you can allow. Ask an owner of ${organization} for another role, or choose another account.`,
  tickOne: 'Tick at least one permission, or cancel.',
  allow: 'Allow',
  goBackTo: (host: string) => `You go back to ${host} either way.`,
  howLong:
    'The app has to ask again after a year at the latest. You can end its access at any time, in your account under Connected apps.',
  links: { website: 'Website', privacy: 'Privacy policy', terms: 'Terms of service' },
  /** The scopes of OpenID Connect; the API's have their words in the product definition. */
  scopes: {
    openid: 'Know which account you signed in with',
    profile: 'View your name',
    email: 'View your e-mail address',
  },
};
