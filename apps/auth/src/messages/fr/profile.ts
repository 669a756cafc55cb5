import type { Messages } from '../en.ts';

export const profile = {
  name: 'Profil',
  about: 'Votre nom et votre adresse e-mail.',
  title: 'Profil',
  yourName: 'Nom',
  nameHint:
    'Les applications le voient si vous l’autorisez. Une organisation peut vous connaître sous un autre nom.',
  save: 'Enregistrer',
  emailHeading: 'Adresse e-mail',
  emailLead: 'Elle sert à vous connecter, et nos messages y arrivent.',
  change: 'Modifier l’adresse',
  email: {
    title: 'Modifiez votre adresse e-mail',
    lead: (email: string) =>
      `C’est actuellement ${email}. Nous enverrons un lien à la nouvelle adresse\u00a0; rien ne change avant que vous ne l’ouvriez.`,
    chosen: 'Nouvelle adresse e-mail',
    submit: 'Envoyer le lien',
    back: 'Retour à votre profil',
    same: 'C’est l’adresse que vous avez déjà.',
    confirmTitle: 'Confirmez votre nouvelle adresse',
    confirm: (email: string) =>
      `Vous vous connecterez désormais avec ${email}. L’ancienne adresse reçoit un message qui permet d’annuler pendant 7 jours.`,
    confirmSubmit: 'Utiliser cette adresse',
    taken: {
      title: 'Cette adresse a déjà un compte',
      text: 'Elle a été prise entre-temps. Votre compte garde l’adresse qu’il a.',
    },
    takeBackTitle: 'Reprenez votre compte',
    takeBack: (email: string) =>
      `Le compte appartient de nouveau à ${email}. Toutes les connexions se terminent, les deuxièmes étapes et les codes de secours créés depuis sont supprimés, et vous choisissez un nouveau mot de passe. Si vos codes de secours ont été renouvelés depuis, il n’en reste aucun\u00a0: créez-en de nouveaux.`,
    takeBackSubmit: 'Reprendre le compte',
  },
} satisfies Messages['profile'];
