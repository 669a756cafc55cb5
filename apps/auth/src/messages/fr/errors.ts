import type { Messages } from '../en.ts';

export const errors = {
  goBackTo: (host: string) => `Revenir à ${host}`,
  facts: { error: 'Erreur', reason: 'Motif', request: 'Requête' },
  paused: {
    title: 'Trop de demandes',
    text: (wait: string) =>
      `Beaucoup de connexions ont été commencées depuis votre réseau. Patientez ${wait}, puis réessayez.`,
    back: 'Réessayer',
  },
  pages: {
    refused: {
      title: 'Cette connexion ne peut pas continuer',
      text: 'L’application qui vous a envoyé ici a fait une demande que nous ne pouvons pas accepter. Revenez-y et réessayez. Si cela ne suffit pas, transmettez à son éditeur ce qui figure ci-dessous.',
    },
    expired: {
      title: 'Cette connexion ne peut pas continuer',
      text: 'Cette connexion a expiré ou est déjà terminée. Revenez à l’application et recommencez.',
    },
    unreadable: {
      title: 'Cette page ne peut pas continuer',
      text: 'Nous n’avons pas pu lire ce que votre navigateur a envoyé. Rien n’a été modifié\u00a0: revenez en arrière et réessayez.',
    },
    notFound: {
      title: 'Cette page n’existe pas',
      text: 'Il n’y a rien à cette adresse. Vérifiez-la, ou revenez à l’application d’où vous venez.',
    },
    wrongMethod: {
      title: 'Cette page ne fonctionne pas ainsi',
      text: 'Elle ne s’ouvre pas seule. Revenez à la page précédente et recommencez.',
    },
    tooManyRequests: { title: 'Trop de requêtes', text: 'Patientez une minute, puis réessayez.' },
    failed: { title: 'Une erreur s’est produite de notre côté', text: 'Réessayez dans un instant.' },
    unavailable: {
      title: 'Nous ne pouvons pas répondre pour le moment',
      text: 'Réessayez dans un instant.',
    },
  },
} satisfies Messages['errors'];
