import type { Messages } from '../en.ts';

export const organization = {
  choose: {
    title: 'Choisir une organisation',
    lead: (client: string) => `avec laquelle ${client} travaillera`,
    legend: 'Vos organisations',
    missing: 'Choisissez l’une de vos organisations, ou annulez.',
  },
  none: {
    title: 'Aucune organisation',
    heading: 'Vous n’appartenez encore à aucune organisation',
    lead: (client: string, email: string) =>
      `${client} travaille avec les données d’une organisation. Demandez à un propriétaire de la vôtre d’ajouter ${email}, puis réessayez.`,
  },
  withoutOauth: {
    title: 'Aucune organisation',
    heading: 'L’offre de votre organisation n’admet pas d’applications',
    lead: (client: string, email: string) =>
      `${client} travaille avec les données d’une organisation, et l’offre de la vôtre (${email}) ne comprend pas OAuth. Demandez une autre offre à l’un de ses propriétaires, puis réessayez.`,
  },
  ownedWithoutOauth: {
    title: 'Aucune organisation',
    heading: 'L’offre de votre organisation n’admet pas d’applications',
    lead: (client: string, organization: string) =>
      `${client} travaille avec les données d’une organisation, et l’offre de ${organization} ne comprend pas OAuth.`,
    planChange: (product: string, plans: string) =>
      `Demandez à ${product} de la faire passer à l’offre ${plans}.`,
    tryAgain: 'Réessayer quand c’est fait',
  },
} satisfies Messages['organization'];
