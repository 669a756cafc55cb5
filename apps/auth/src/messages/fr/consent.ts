import type { Messages } from '../en.ts';

export const consent = {
  title: (client: string) => `Autoriser ${client}\u00a0?`,
  wantsAccess: (client: string, product: string) => `${client} souhaite accéder à votre compte ${product}`,
  claims: (name: string, product: string, host: string) =>
    `Elle se présente sous le nom de ${name}. ${product} ne l’a pas vérifié\u00a0: ne continuez que si vous connaissez ${host} et lui faites confiance.`,
  itsAddress: 'Son adresse est',
  madeBy: (maker: string) => `Une application de ${maker}`,
  organization: 'Organisation',
  change: 'Changer',
  changeWhat: 'd’organisation',
  asksFor: 'Elle demande l’autorisation de',
  allowedBefore: 'Vous avez déjà autorisé',
  sensitive: 'Sensible',
  roleRefuses: (role: string, organization: string) =>
    `Votre rôle ${role} dans ${organization} ne le permet pas.`,
  nothing: (organization: string) =>
    `Il n’y a rien ici que vous puissiez autoriser. Demandez un autre rôle à un propriétaire de ${organization}, ou choisissez un autre compte.`,
  tickOne: 'Cochez au moins une autorisation, ou annulez.',
  allow: 'Autoriser',
  goBackTo: (host: string) => `Dans les deux cas, vous revenez à ${host}.`,
  howLong:
    'L’application devra redemander au plus tard dans un an. Vous pouvez mettre fin à son accès à tout moment, dans votre compte, sous Applications connectées.',
  links: {
    website: 'Site web',
    privacy: 'Politique de confidentialité',
    terms: 'Conditions d’utilisation',
  },
  scopes: {
    openid: 'Savoir avec quel compte vous vous êtes connecté',
    profile: 'Voir votre nom',
    email: 'Voir votre adresse e-mail',
  },
} satisfies Messages['consent'];
