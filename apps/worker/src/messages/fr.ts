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
  app_requested: (
    _product: string,
    {
      app,
      organization,
      person,
      message,
    }: { app: string; organization: string; person: string; message: string },
  ) => ({
    subject: `${person} demande l’application ${app} dans ${organization}`,
    paragraphs: [
      `${person} souhaite connecter ${app} à ${organization}. C’est à vous de décider si les membres le peuvent.`,
      ...(message === '' ? [] : [`${person} écrit\u00a0: «\u00a0${message}\u00a0»`]),
      'Tant que vous n’avez pas décidé, l’application n’a aucun accès.',
    ],
    button: 'Voir la demande',
  }),
  app_decided: (
    _product: string,
    { app, organization, decision }: { app: string; organization: string; decision: 'allowed' | 'denied' },
  ) => ({
    subject:
      decision === 'allowed'
        ? `Vous pouvez connecter ${app} à ${organization}`
        : `${app} n’a pas été autorisée dans ${organization}`,
    paragraphs:
      decision === 'allowed'
        ? [
            `Un administrateur de ${organization} a autorisé ${app}. Ouvrez ${app} et connectez-la de nouveau pour continuer.`,
          ]
        : [
            `Un administrateur de ${organization} a décidé de ne pas autoriser ${app}, qui n’a donc aucun accès. Demandez à un propriétaire de ${organization} si vous voulez savoir pourquoi.`,
          ],
    button: '',
  }),
  end: (product: string) => `Ceci est un message automatique de ${product} à propos de votre compte.`,
} satisfies MailMessages;
