import type { Messages } from '../en.ts';

export const sessions = {
  name: 'Connexions',
  about: 'Où vous êtes connecté, et comment vous déconnecter à distance.',
  title: 'Où vous êtes connecté',
  lead: 'Les applications que vous avez autorisées n’en font pas partie\u00a0: elles restent telles quelles.',
  browserOn: (browser: string, system: string) => `${browser} sur ${system}`,
  unknownBrowser: 'Un navigateur inconnu',
  unknownSystem: 'un système inconnu',
  thisOne: 'ce navigateur',
  lastUsed: (time: string) => `Dernière utilisation\u00a0: ${time}`,
  started: (time: string) => `Connecté depuis\u00a0: ${time}`,
  from: (address: string) => `Depuis ${address}`,
  end: 'Déconnecter',
  endWhat: (browser: string) => `Déconnecter\u00a0: ${browser}`,
  endOthers: 'Déconnecter tous les autres',
  endAll: 'Déconnecter partout, ici aussi',
  empty: { title: 'Nulle part', text: 'Vous n’êtes connecté nulle part.' },
} satisfies Messages['sessions'];
