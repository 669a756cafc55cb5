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
