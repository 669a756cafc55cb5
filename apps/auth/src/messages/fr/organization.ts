import type { Messages } from '../en.ts';

export const organization = {
  choose: {
    title: 'Choisir une organisation',
    lead: (client: string) => `avec laquelle ${client} travaillera`,
    legend: 'Vos organisations',
  },
  none: {
    title: 'Aucune organisation',
    heading: 'Vous n’appartenez encore à aucune organisation',
    lead: (client: string, email: string) =>
      `${client} travaille avec les données d’une organisation. Demandez à un propriétaire de la vôtre d’ajouter ${email}, puis réessayez.`,
  },
} satisfies Messages['organization'];
