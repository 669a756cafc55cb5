import type { Messages } from '../en.ts';

export const device = {
  title: 'Connecter un appareil',
  errorTitle: 'Vérifiez le code',
  lead: 'Saisissez le code affiché par votre appareil.',
  code: 'Code',
  confirm: {
    title: 'Est-ce votre appareil\u00a0?',
    lead: (client: string) => `Il exécute ${client} et affiche ce code\u00a0:`,
    yes: 'Oui, les codes sont identiques',
    no: 'Non, annuler',
    warning:
      'Quelqu’un vous a envoyé ce code\u00a0? Alors annulez\u00a0: la personne qui a l’appareil aurait accès à votre compte.',
  },
  connected: {
    title: 'Votre appareil est connecté',
    yourDevice: 'Votre appareil',
    text: (client: string) =>
      `${client} a tout ce qu’il faut. Vous pouvez fermer cette page et continuer là-bas.`,
  },
  errors: {
    noCode: 'Saisissez le code affiché par votre appareil.',
    notFound: 'Ce code n’existe pas. Comparez-le avec celui de votre appareil.',
    expired: 'Ce code a expiré. Recommencez sur votre appareil.',
    used: 'Ce code a déjà été utilisé. Recommencez sur votre appareil.',
    aborted: 'Vous avez annulé. Votre appareil n’obtient aucun accès.',
    other: 'Cela n’a pas fonctionné. Saisissez de nouveau le code.',
  },
  paused: {
    title: 'Trop de tentatives',
    text: (wait: string) =>
      `Aucun de ces codes n’était le bon. Patientez ${wait}, puis saisissez celui de votre appareil.`,
  },
} satisfies Messages['device'];
