import type { Messages } from '../en.ts';

export const signIn = {
  title: 'Se connecter',
  failedTitle: 'Échec de la connexion',
  toContinueTo: (client: string) => `pour continuer vers ${client}`,
  toAccount: 'pour gérer votre compte',
  email: 'Adresse e-mail',
  password: 'Mot de passe',
  submit: 'Se connecter',
  wrong: 'Cette adresse e-mail et ce mot de passe ne correspondent pas. Vérifiez les deux et réessayez.',
  paused: {
    title: 'Trop de tentatives',
    text: (wait: string) =>
      `La connexion est suspendue pour protéger les comptes. Patientez ${wait}, puis réessayez avec le bon mot de passe.`,
    back: 'Retour à la connexion',
  },
} satisfies Messages['signIn'];
