import type { Messages } from '../en.ts';

export const account = {
  title: 'Votre compte',
  navigation: 'Compte',
  signOut: 'Se déconnecter',
} satisfies Messages['account'];
