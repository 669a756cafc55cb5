import type { Messages } from '../en.ts';

export const shared = {
  language: 'Langue',
  signedInAs: 'Connecté en tant que',
  useAnotherAccount: 'Utiliser un autre compte',
  cancelAndGoBack: 'Annuler et revenir',
  continue: 'Continuer',
  cancel: 'Annuler',
  back: 'Retour',
  wait: (seconds: number) => {
    if (seconds < 90) return seconds === 1 ? 'une seconde' : `${seconds} secondes`;
    return `${Math.ceil(seconds / 60)} minutes`;
  },
  roles: { owner: 'propriétaire', admin: 'administrateur', member: 'membre', viewer: 'lecteur' },
  crossSite: {
    title: 'Ce formulaire vient d’un autre site',
    text: 'Rien n’a été modifié. Revenez à l’application que vous voulez utiliser et recommencez.',
  },
} satisfies Messages['shared'];
