import type { Messages } from '../en.ts';

export const account = {
  navigation: 'Compte',
  signOut: 'Se déconnecter',
  home: {
    name: 'Vue d’ensemble',
    about: 'Qui vous êtes ici, et où vous avez votre place.',
    title: 'Votre compte',
    you: 'À propos de vous',
    yourName: 'Nom',
    noOrganization: {
      title: 'Aucune organisation pour le moment',
      text: 'Demandez à un propriétaire de la vôtre de vous ajouter.',
    },
  },
  confirm: {
    title: 'Confirmez que c’est bien vous',
    lead: (email: string) =>
      `Vous allez modifier quelque chose de sensible. Confirmez que vous êtes ${email}.`,
    submit: 'Confirmer',
    wrong: 'Ce n’est pas correct. Réessayez.',
    noWay:
      'Votre compte n’a encore rien qui permette de confirmer. Déconnectez-vous, puis réinitialisez votre mot de passe.',
    backToAccount: 'Retour à votre compte',
  },
  done: {
    saved: 'Vos modifications sont enregistrées.',
    emailChanged: 'Votre nouvelle adresse e-mail est en service.',
    passwordChanged:
      'Votre mot de passe est modifié. Tous les autres navigateurs et toutes les applications sont déconnectés.',
    signedOut: 'Ce navigateur-là est déconnecté.',
    othersSignedOut: 'Tous les autres navigateurs sont déconnectés.',
    totpAdded: 'L’application d’authentification est configurée.',
    totpRemoved: 'L’application d’authentification est retirée.',
    passkeyAdded: 'La clé d’accès est ajoutée.',
    passkeyRemoved: 'La clé d’accès est retirée.',
    scopeDropped: 'L’application a perdu cette autorisation.',
    appDisconnected: 'L’application est déconnectée\u00a0: son accès a pris fin.',
    appAllowed: 'L’application est autorisée. Les membres qui l’ont demandée reçoivent un e-mail.',
    appDenied:
      'L’application est refusée\u00a0: tout accès qu’elle avait a pris fin. Les membres qui l’ont demandée reçoivent un e-mail.',
    accessEnded: 'L’accès a pris fin.',
    organizationCreated: 'Votre organisation est prête.',
    organizationLeft: 'Vous avez quitté l’organisation.',
    joined: 'Vous avez rejoint l’organisation.',
    invited: 'L’invitation est en route.',
    invitationResent: 'L’invitation est de nouveau en route.',
    invitationWithdrawn: 'L’invitation est retirée\u00a0: son lien ne mène plus nulle part.',
    roleChanged: 'Le rôle est modifié.',
    memberRemoved: 'Le membre est retiré.',
  },
} satisfies Messages['account'];
