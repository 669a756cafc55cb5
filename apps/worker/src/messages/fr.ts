import type { Role } from '#catalog';
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
  member_added: (product: string, { organization, role }: { organization: string; role: Role }) => ({
    subject: `Vous faites maintenant partie de ${organization} sur ${product}`,
    paragraphs: [
      `${organization} vous a ajouté sur ${product}, en tant que ${roles[role]}. Connectez-vous avec cette adresse e-mail.`,
      'Si vous n’avez pas encore de mot de passe, demandez-en un nouveau sur la page de connexion\u00a0: ce sera votre premier. Si vous ne connaissez pas cette organisation, ne faites rien.',
    ],
    button: 'Se connecter',
  }),
  end: (product: string) => `Ceci est un message automatique de ${product} à propos de votre compte.`,
} satisfies MailMessages;
