import type { Messages } from '../en.ts';

export const signOut = {
  title: 'Se déconnecter',
  heading: (product: string) => `Se déconnecter de ${product}\u00a0?`,
  asksForIt: (client: string) => `${client} le demande.`,
  submit: 'Se déconnecter',
  stay: 'Rester connecté',
  note: 'Les applications que vous avez autorisées gardent leur accès\u00a0: la déconnexion ne concerne que ce navigateur.',
  done: {
    title: 'C’est fait',
    stillSignedIn: 'Vous êtes toujours connecté ici.',
    signedOut:
      'Vous êtes déconnecté. Les applications que vous avez autorisées gardent leur accès jusqu’à ce que vous le retiriez.',
  },
} satisfies Messages['signOut'];
