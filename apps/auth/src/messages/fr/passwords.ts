import type { Messages } from '../en.ts';

export const passwords = {
  name: 'Mot de passe',
  about: 'Modifier le mot de passe de vos connexions.',
  present: 'Mot de passe actuel',
  chosen: 'Nouveau mot de passe',
  password: 'Mot de passe',
  rules: 'Au moins 12 caractères\u00a0; plusieurs mots conviennent bien. Mieux vaut long que compliqué.',
  mistakes: {
    short: 'Utilisez 12 caractères ou plus.',
    long: 'Utilisez 72 caractères au plus.',
    longAccents:
      'C’est plus long que ce qui peut être enregistré\u00a0: 72 octets. Une lettre accentuée compte pour deux, la plupart des autres signes pour trois ou quatre. Raccourcissez un peu.',
    common: 'Celui-ci est parmi les premiers essayés. Utilisez plusieurs mots sans rapport entre eux.',
    context: 'N’y mettez ni votre adresse e-mail ni notre nom\u00a0: ils sont essayés en premier.',
    same: 'C’est le mot de passe que vous avez déjà. Choisissez-en un autre.',
    wrong: 'Ce n’est pas votre mot de passe actuel. Vérifiez-le et réessayez.',
  },
  change: {
    title: 'Mot de passe',
    lead: 'Quand vous le modifiez, tous les autres navigateurs et toutes les applications sont déconnectés.',
    submit: 'Modifier le mot de passe',
    forgotten: 'Mot de passe actuel oublié\u00a0?',
    none: 'Vous n’avez pas encore de mot de passe. Nous vous enverrons un lien pour en choisir un.',
    send: 'Envoyer le lien',
  },
  reset: {
    title: 'Choisissez un nouveau mot de passe',
    lead: 'Indiquez votre adresse e-mail. Nous vous enverrons un lien.',
    submit: 'Envoyer le lien',
    backToSignIn: 'Retour à la connexion',
    choose: (email: string) =>
      `Pour le compte ${email}. Tous les navigateurs et toutes les applications en sont déconnectés.`,
    firstTitle: 'Choisissez votre mot de passe',
    chooseFirst: (email: string) => `Pour le compte ${email}.`,
    save: 'Enregistrer le mot de passe',
    done: 'Votre mot de passe est enregistré',
    doneText: 'Connectez-vous avec lui. Tout ce qui était connecté auparavant ne l’est plus.',
  },
} satisfies Messages['passwords'];
