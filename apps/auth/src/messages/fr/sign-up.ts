import type { Messages } from '../en.ts';

export const signUp = {
  title: 'Créez votre compte',
  lead: 'Nous vous enverrons un lien pour confirmer votre adresse e-mail.',
  submit: 'Continuer',
  haveOne: 'Vous avez déjà un compte\u00a0?',
  badEmail: 'Saisissez une adresse e-mail complète, par exemple nom@example.com.',
  finish: {
    title: 'Terminez votre compte',
    lead: (email: string) => `L’adresse ${email} est confirmée. Encore quelques mots, et c’est prêt.`,
    name: 'Votre nom',
    organization: 'Votre organisation',
    organizationHint: 'Votre entreprise ou votre équipe. Vous en serez le propriétaire.',
    submit: 'Créer le compte',
    missing: 'Remplissez ce champ, avec 200 caractères au plus.',
  },
  taken: {
    title: 'Un compte utilise déjà cette adresse',
    text: 'Il a été créé entre-temps. Connectez-vous avec lui\u00a0; si vous ne connaissez pas le mot de passe, choisissez-en un nouveau.',
  },
} satisfies Messages['signUp'];
