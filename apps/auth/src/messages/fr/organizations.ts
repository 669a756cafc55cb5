import type { Messages } from '../en.ts';

export const organizations = {
  area: { name: 'Organisations', about: 'Où vous avez votre place, et qui s’y trouve avec vous.' },
  title: 'Vos organisations',
  none: { title: 'Aucune organisation pour l’instant', text: 'Demandez à un propriétaire de vous inviter.' },
  members: 'Membres',
  membersOf: (organization: string) => `Membres de ${organization}`,
  leave: 'Quitter',
  leaveWhich: (organization: string) => `Quitter ${organization}`,
  create: {
    title: 'Nouvelle organisation',
    about: 'Vous en devenez propriétaire et pouvez inviter d’autres personnes.',
    name: 'Nom de l’organisation',
    submit: 'Créer l’organisation',
  },
  leaving: {
    title: (organization: string) => `Quitter ${organization}\u00a0?`,
    text: 'Vous perdez aussitôt l’accès à toutes ses données, de même que les applications que vous y avez admises. Pour revenir, il vous faudra une nouvelle invitation.',
  },
  list: {
    lead: (organization: string) => `de ${organization}`,
    you: 'vous',
    pending: 'n’a pas encore accepté',
    change: 'Modifier',
    changeWhom: (name: string) => `Modifier ${name}`,
    next: 'Autres membres',
  },
  invitations: {
    title: 'Invitations',
    about: 'Envoyées par e-mail, avec un lien qui fonctionne une seule fois.',
    none: {
      title: 'Aucune invitation en attente',
      text: 'Celles que personne n’a encore acceptées apparaissent ici.',
    },
    until: (day: string) => `jusqu’au ${day}`,
    expired: 'expirée',
    resend: 'Renvoyer',
    resendWhich: (email: string) => `Renvoyer l’invitation de ${email}`,
    withdraw: 'Retirer',
    withdrawWhich: (email: string) => `Retirer l’invitation de ${email}`,
  },
  invite: {
    title: 'Inviter quelqu’un',
    role: 'Rôle',
    submit: 'Envoyer l’invitation',
  },
  member: {
    lead: (email: string, organization: string) => `${email} dans ${organization}`,
    role: 'Rôle',
    roleAbout: 'Ce qu’il permet est vérifié à chaque requête\u00a0: un changement compte aussitôt.',
    save: 'Enregistrer le rôle',
    remove: 'Retirer de l’organisation',
    removeAbout:
      'Tout accès aux données de l’organisation prend fin aussitôt, celui des applications aussi. Le compte lui-même demeure.',
    back: 'Retour aux membres',
  },
  errors: {
    name: (most: number) => `Donnez à l’organisation un nom de ${most} caractères au plus.`,
    tooMany: (most: number) => `Vous possédez déjà ${most} organisations. Quittez-en d’abord une.`,
    lastOwner:
      'Une organisation a besoin d’un propriétaire, et c’est le dernier. Nommez d’abord un autre propriétaire.',
    email: 'Ce n’est pas une adresse e-mail. Vérifiez-la, puis renvoyez l’invitation.',
    role: 'Choisissez l’un des rôles.',
    beyond: 'Ce rôle est au-dessus du vôtre. Demandez à un propriétaire de le faire.',
    there:
      'Cette adresse est déjà celle d’un membre, ou a une invitation\u00a0: cherchez-la dans les listes, et renvoyez celle-ci.',
    tooManyInvitations:
      'Beaucoup d’invitations ont été envoyées, par votre organisation ou à cette adresse. Attendez un peu, puis réessayez.',
  },
} satisfies Messages['organizations'];
