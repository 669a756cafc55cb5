import type { MailMessages } from './en.ts';

export const fr = {
  verify_email: (product: string, { hours }: { hours: number }) => ({
    subject: `Confirmez votre adresse e-mail pour ${product}`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, a donné cette adresse pour un compte ${product}. Confirmez qu’elle est à vous.`,
      `Le lien fonctionne une seule fois, pendant ${hours} heures. Si ce n’était pas vous, ne faites rien\u00a0: sans lui, rien ne se passe.`,
    ],
    button: 'Confirmer l’adresse',
  }),
  end: (product: string) => `Ceci est un message automatique de ${product} à propos de votre compte.`,
} satisfies MailMessages;
