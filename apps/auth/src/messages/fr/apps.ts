import type { Messages } from '../en.ts';

export const apps = {
  approval: {
    deniedTitle: (client: string) => `${client} n’est pas autorisée ici`,
    denied: (client: string, organization: string) =>
      `${organization} ne permet pas à ses membres de connecter ${client}. Adressez-vous à l’un de ses propriétaires si vous pensez qu’elle le devrait.`,
    declinedOn: (day: string) => `Vous l’avez demandée le ${day}, et un administrateur l’a refusée.`,
    askTitle: (client: string) => `Demander ${client}`,
    ask: (client: string, organization: string) =>
      `Un administrateur de ${organization} doit autoriser ${client} avant que vous puissiez la connecter.`,
    message: 'Pour quoi en avez-vous besoin\u00a0?',
    messageHint: (length: number) =>
      `Les administrateurs liront ce texte. ${length} caractères au plus\u00a0; vous pouvez le laisser vide.`,
    tooLong: (length: number) => `C’est trop long. Écrivez ${length} caractères au plus.`,
    submit: 'Envoyer la demande',
    pendingTitle: 'Votre demande est en attente',
    pending: (client: string, organization: string, day: string) =>
      `Vous avez demandé ${client} le ${day}. Les administrateurs de ${organization} ont reçu un e-mail, et vous en recevrez un quand ils auront décidé.`,
    fullTitle: 'Trop de demandes en attente',
    full: (count: number, client: string, organization: string) =>
      `${count} de vos demandes attendent dans ${organization}. Vous pourrez demander ${client} quand un administrateur aura décidé de l’une d’elles.`,
    check: 'Vérifier de nouveau',
    decide: (organization: string) => `C’est vous qui décidez des applications de ${organization}.`,
    decideLink: 'Décider maintenant',
  },
  connected: {
    name: 'Applications connectées',
    about: 'Ce que des applications peuvent faire en votre nom, et ce qu’elles ont fait.',
    title: 'Applications connectées',
    lead: 'Ces applications accèdent à des données en votre nom. Ce que vous retirez leur est refusé dès leur prochaine requête.',
    madeBy: (maker: string, organization: string) => `De ${maker}, dans ${organization}`,
    describesItself: (organization: string) => `D’aucune organisation connue ici, dans ${organization}`,
    connectedOn: 'Connectée',
    drop: 'Retirer',
    dropLabel: (words: string, client: string) => `Retirer «\u00a0${words}\u00a0» à ${client}`,
    disconnect: 'Déconnecter',
    disconnectLabel: (client: string, organization: string) => `Déconnecter ${client} de ${organization}`,
    none: {
      title: 'Aucune application connectée',
      text: 'Une application vous demande ici avant d’obtenir le moindre accès.',
    },
    requests: 'Ce que vous avez demandé',
    askedOn: (day: string) => `Demandée le ${day}`,
  },
  organization: {
    name: 'Applications de l’organisation',
    about: 'Les applications que les membres peuvent connecter, et celles qui ont un accès.',
    title: (organization: string) => `Applications dans ${organization}`,
    plainTitle: 'Applications de vos organisations',
    choose: 'Organisation',
    show: 'Afficher',
    nothing: {
      title: 'Rien à décider',
      text: 'Les propriétaires et administrateurs d’une organisation décident ici de ses applications.',
    },
    requests: 'Demandes',
    requestsLead: 'Des membres demandent à les connecter. Une décision vaut pour toute l’organisation.',
    noRequests: { title: 'Aucune demande', text: 'Les membres n’ont rien demandé.' },
    askedBy: (person: string, day: string) => `${person}, ${day}`,
    policy: 'Nouvelles applications',
    policyLead:
      'Ce qui vaut pour une application dont vous n’avez pas décidé. Celles de votre organisation sont toujours autorisées.',
    policies: {
      allowed: 'Les membres peuvent connecter toute application',
      approval: 'Les membres demandent, et vous décidez de chaque application',
      denied: 'Aucune application hormis celles que vous autorisez',
    },
    policyHint:
      'Avec l’une des deux dernières, les applications que vous n’avez pas autorisées perdent leur accès aussitôt.',
    save: 'Enregistrer',
    decisions: 'Décisions',
    decidedOn: (day: string) => `Décidé le ${day}`,
    noDecisions: {
      title: 'Aucune décision',
      text: 'Les applications que vous autorisez ou refusez se trouvent ici.',
    },
    allow: 'Autoriser',
    allowLabel: (client: string) => `Autoriser ${client}`,
    deny: 'Refuser',
    denyLabel: (client: string) => `Refuser ${client}`,
    takeBack: 'Oublier',
    takeBackLabel: (client: string) => `Oublier la décision au sujet de ${client}`,
    consents: 'Qui a connecté quoi',
    noConsents: {
      title: 'Aucune application connectée',
      text: 'Aucune application n’accède aux données de l’organisation.',
    },
    end: 'Mettre fin à l’accès',
    endLabel: (client: string, person: string) => `Mettre fin à l’accès de ${client} pour ${person}`,
  },
  lastUsed: 'Dernière utilisation',
  lastUsedOn: (day: string) => `Dernière utilisation le ${day}`,
  neverUsed: 'Pas encore utilisée',
  requestsIn30Days: 'Requêtes en 30 jours',
  requestCount: (count: string) => `${count} requêtes en 30 jours`,
  unused: 'Jamais utilisée',
  states: { pending: 'En attente', allowed: 'Autorisée', denied: 'Refusée' },
} satisfies Messages['apps'];
