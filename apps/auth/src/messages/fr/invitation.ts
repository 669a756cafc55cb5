import type { Messages } from '../en.ts';

export const invitation = {
  title: (organization: string) => `Rejoindre ${organization}`,
  lead: (email: string, role: string) => `${email} est invité, en tant que ${role}.`,
  join: 'Rejoindre',
  account: {
    lead: 'Créez votre compte\u00a0: votre adresse e-mail est déjà confirmée.',
    name: 'Votre nom',
    password: 'Mot de passe',
    submit: 'Créer le compte et rejoindre',
  },
  signIn: {
    text: 'Vous avez un compte avec cette adresse. Connectez-vous, et vous reviendrez ici.',
    submit: 'Se connecter',
  },
  wrongPerson: {
    text: (email: string, other: string) =>
      `Cette invitation est pour ${email}, et vous êtes connecté en tant que ${other}. Continuez avec l’autre compte pour l’accepter.`,
    submit: 'Continuer avec l’autre compte',
  },
  gone: {
    title: 'Cette invitation ne fonctionne plus',
    text: 'Elle a été utilisée, retirée ou a expiré. Si vous avez déjà rejoint l’organisation, connectez-vous\u00a0; sinon, demandez-en une nouvelle à la personne qui vous a invité.',
    link: 'Se connecter',
  },
  nameError: 'Indiquez votre nom, en 200 caractères au plus.',
} satisfies Messages['invitation'];
