import type { Messages } from '../en.ts';

export const mailSent = {
  title: 'Consultez vos e-mails',
  lead: (email: string) =>
    `Nous avons envoyé un message à ${email}. Ouvrez le lien qu’il contient pour continuer.`,
  nothing: 'Rien après une minute\u00a0? Regardez dans les indésirables, ou demandez un nouvel envoi.',
  again: 'Envoyer à nouveau',
  otherAddress: 'Utiliser une autre adresse',
  paused: {
    title: 'Trop de demandes',
    text: (wait: string) =>
      `Beaucoup de messages ont été demandés depuis votre réseau. Patientez ${wait}, puis réessayez.`,
    back: 'Revenir',
  },
  gone: {
    title: 'Ce lien ne fonctionne plus',
    text: 'Il a déjà servi, il est trop ancien, ou il a été coupé dans le message. Demandez-en un nouveau.',
    again: 'Demander un nouveau lien',
  },
} satisfies Messages['mailSent'];
