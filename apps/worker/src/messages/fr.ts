import { type Role, timeWords } from '#catalog';
import type { MailMessages } from './en.ts';

const roles = { owner: 'propriétaire', admin: 'administrateur', member: 'membre', viewer: 'lecteur' };

export const fr = {
  verify_email: (product: string, { hours }: { hours: number }) => ({
    subject: `Confirmez votre adresse e-mail pour ${product}`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, a donné cette adresse pour un compte ${product}. Confirmez qu’elle est à vous.`,
      `Le lien fonctionne une seule fois, pendant ${hours} heures. Si ce n’était pas vous, ne faites rien\u00a0: sans lui, rien ne se passe.`,
    ],
    button: 'Confirmer l’adresse',
  }),
  account_exists: (product: string) => ({
    subject: `Vous avez déjà un compte ${product}`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, a donné cette adresse pour un compte ${product}. Il en existe déjà un\u00a0: connectez-vous avec. Si vous avez oublié le mot de passe, choisissez-en un nouveau.`,
      'Si ce n’était pas vous, ne faites rien\u00a0: rien n’a changé.',
    ],
    button: 'Choisir un nouveau mot de passe',
  }),
  no_account: (product: string) => ({
    subject: `Aucun compte ${product} avec cette adresse`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, a demandé un nouveau mot de passe ${product} pour cette adresse, qu’aucun compte n’utilise. Le vôtre a peut-être une autre adresse\u00a0: essayez-la.`,
      'Si ce n’était pas vous, ne faites rien.',
    ],
    button: 'Essayer une autre adresse',
  }),
  reset_password: (product: string, { minutes, first }: { minutes: number; first: boolean }) => ({
    subject: first
      ? `Choisissez votre mot de passe ${product}`
      : `Choisissez un nouveau mot de passe ${product}`,
    paragraphs: [
      first
        ? `Votre compte ${product} n’a pas encore de mot de passe. Choisissez-en un pour vous connecter.`
        : `Quelqu’un, vous espérons-nous, a oublié le mot de passe de votre compte ${product}. Choisissez-en un nouveau.`,
      `Le lien fonctionne une seule fois, pendant ${minutes} minutes. Si ce n’était pas vous, ne faites rien\u00a0: votre compte reste tel qu’il est.`,
    ],
    button: 'Choisir un mot de passe',
  }),
  password_changed: (product: string) => ({
    subject: `Votre mot de passe ${product} a été modifié`,
    paragraphs: [
      `Le mot de passe de votre compte ${product} vient d’être modifié, et toutes les autres connexions sont terminées.`,
      'Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe\u00a0: cela met fin à ce que quelqu’un d’autre aurait commencé.',
    ],
    button: 'Choisir un nouveau mot de passe',
  }),
  new_sign_in: (product, { at, ipAddress, browser, system }) => ({
    subject: `Nouvelle connexion à votre compte ${product}`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, s’est connecté à votre compte ${product} sur un appareil qui n’avait pas encore servi à cela\u00a0: ${browser ?? 'navigateur inconnu'} sur ${system ?? 'un système inconnu'}, depuis l’adresse ${ipAddress}, le ${timeWords('fr', at)}.`,
      'Si c’était vous, il n’y a rien à faire. Si ce n’était pas vous, quelqu’un connaît votre mot de passe\u00a0: changez-le tout de suite. Cela met fin aussi à toutes les autres connexions.',
    ],
    button: 'Voir vos connexions',
  }),
  second_step_failed: (product, { failures }) => ({
    subject: `Connexion échouée à votre compte ${product}`,
    paragraphs: [
      `Quelqu’un a donné le mot de passe de votre compte ${product}, puis ${failures} fois un code erroné. Cette personne n’a pas été connectée et doit attendre maintenant.`,
      'Si c’était vous, réessayez plus tard, ou utilisez un code de secours. Si ce n’était pas vous, quelqu’un connaît votre mot de passe\u00a0: changez-le tout de suite.',
    ],
    button: 'Changer votre mot de passe',
  }),
  email_changed: (product: string, { email, days }: { email: string; days: number }) => ({
    subject: `Votre compte ${product} a une autre adresse e-mail`,
    paragraphs: [
      `L’adresse de votre compte ${product} est maintenant ${email}. Si c’était vous, il n’y a rien à faire.`,
      `Si ce n’était pas vous, reprenez votre compte. Le lien fonctionne pendant ${days} jours\u00a0: il rétablit cette adresse, supprime les deuxièmes étapes et les codes de secours créés depuis, met fin à toutes les connexions et vous laisse choisir un nouveau mot de passe.`,
    ],
    button: 'Reprendre mon compte',
  }),
  second_factor_added: (product, { factor, name, days }) => ({
    subject: `Connexion en deux étapes à ${product}\u00a0: ${factor === 'totp' ? 'application d’authentification ajoutée' : 'clé d’accès ajoutée'}`,
    paragraphs: [
      factor === 'totp'
        ? `Une application d’authentification a été ajoutée à votre compte ${product}.`
        : `La clé d’accès «\u00a0${name}\u00a0» a été ajoutée à votre compte ${product}.`,
      `Si c’était vous, il n’y a rien à faire. Si ce n’était pas vous, reprenez votre compte. Le lien fonctionne pendant ${days} jours\u00a0: il la supprime, avec les autres deuxièmes étapes et les codes de secours créés depuis, met fin à toutes les connexions et vous laisse choisir un nouveau mot de passe.`,
    ],
    button: 'Reprendre mon compte',
  }),
  second_factor_removed: (product, { factor, name, isLast }) => ({
    subject: `Connexion en deux étapes à ${product}\u00a0: ${factor === 'totp' ? 'application d’authentification retirée' : 'clé d’accès retirée'}`,
    paragraphs: [
      factor === 'totp'
        ? `L’application d’authentification a été retirée de votre compte ${product}.`
        : `La clé d’accès «\u00a0${name}\u00a0» a été retirée de votre compte ${product}.`,
      ...(isLast ? ['Votre mot de passe seul suffit désormais pour vous connecter.'] : []),
      'Si ce n’était pas vous, connectez-vous, changez votre mot de passe et configurez à nouveau la connexion en deux étapes.',
    ],
    button: 'Voir votre connexion',
  }),
  recovery_code_used: (product, { left }) => ({
    subject: `Un code de secours a été utilisé pour ${product}`,
    paragraphs: [
      `Quelqu’un, vous espérons-nous, s’est connecté à votre compte ${product} avec votre mot de passe et un code de secours.`,
      left === 0
        ? 'C’était le dernier. Créez-en de nouveaux maintenant.'
        : `Il vous en reste ${left}. Chacun fonctionne une seule fois.`,
      'Si ce n’était pas vous, changez votre mot de passe et créez de nouveaux codes de secours sans attendre.',
    ],
    button: 'Voir votre connexion',
  }),
  recovery_codes_renewed: (product) => ({
    subject: `Nouveaux codes de secours pour ${product}`,
    paragraphs: [
      `De nouveaux codes de secours ont été créés pour votre compte ${product}. Les précédents ne fonctionnent plus.`,
      'Si ce n’était pas vous, changez votre mot de passe et créez de nouveaux codes de secours.',
    ],
    button: 'Voir votre connexion',
  }),
  second_factors_reset: (product) => ({
    subject: `La connexion en deux étapes à ${product} a été réinitialisée`,
    paragraphs: [
      `L’opérateur de ${product} a retiré votre application d’authentification, vos clés d’accès et vos codes de secours.`,
      'Votre mot de passe seul suffit désormais pour vous connecter. Configurez à nouveau la connexion en deux étapes.',
      'Si vous ne l’avez pas demandé, changez votre mot de passe et prévenez l’opérateur.',
    ],
    button: 'La configurer à nouveau',
  }),
  password_reset: (product, { hours }) => ({
    subject: `Choisissez un nouveau mot de passe ${product}`,
    paragraphs: [
      `L’opérateur de ${product} a réinitialisé le mot de passe de votre compte\u00a0: l’ancien ne fonctionne plus, et toutes les connexions sont terminées. Choisissez-en un nouveau.`,
      `Le lien fonctionne une seule fois, pendant ${hours} heures. Ensuite, demandez-en un autre sur la page de connexion.`,
    ],
    button: 'Choisir un mot de passe',
  }),
  account_disabled: (product) => ({
    subject: `Votre compte ${product} est désactivé`,
    paragraphs: [
      `L’opérateur de ${product} a désactivé votre compte\u00a0: vous ne pouvez plus vous connecter, et aucune application n’y a accès.`,
      'Si vous pensez que c’est une erreur, écrivez à l’opérateur.',
    ],
    button: '',
  }),
  account_enabled: (product) => ({
    subject: `Votre compte ${product} est réactivé`,
    paragraphs: [
      `L’opérateur de ${product} a réactivé votre compte. Connectez-vous, et connectez de nouveau vos applications.`,
    ],
    button: 'Se connecter',
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
  invitation: (
    product: string,
    {
      organization,
      inviter,
      role,
      days,
    }: { organization: string; inviter: string | null; role: Role; days: number },
  ) => ({
    subject: `Vous êtes invité à rejoindre ${organization} sur ${product}`,
    paragraphs: [
      `${inviter ?? organization} vous invite à rejoindre ${organization} sur ${product}, en tant que ${roles[role]}.`,
      `Le lien fonctionne une seule fois, pendant ${days} jours. Si vous ne connaissez pas ${organization}, ne faites rien\u00a0: sans vous, rien ne se passe.`,
    ],
    button: 'Voir l’invitation',
  }),
  end: (product: string) => `Ceci est un message automatique de ${product} à propos de votre compte.`,
} satisfies MailMessages;
