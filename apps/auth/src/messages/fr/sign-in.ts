import type { Messages } from '../en.ts';

export const signIn = {
  title: 'Se connecter',
  failedTitle: 'Échec de la connexion',
  toContinueTo: (client: string) => `pour continuer vers ${client}`,
  toAccount: 'pour gérer votre compte',
  email: 'Adresse e-mail',
  password: 'Mot de passe',
  submit: 'Se connecter',
  forgotten: 'Mot de passe oublié\u00a0?',
  noAccount: 'Première visite\u00a0?',
  signUp: 'Créer un compte',
  wrong: 'Cette adresse e-mail et ce mot de passe ne correspondent pas. Vérifiez les deux et réessayez.',
  paused: {
    title: 'Trop de tentatives',
    text: (wait: string) =>
      `La connexion est suspendue pour protéger les comptes. Patientez ${wait}, puis réessayez avec le bon mot de passe\u00a0; ou choisissez-en un nouveau par e-mail, ce qui met fin à l’attente pour ce navigateur.`,
    back: 'Retour à la connexion',
  },
} satisfies Messages['signIn'];
