export const organization = {
  choose: {
    title: 'Choose an organization',
    lead: (client: string) => `for ${client} to work with`,
    legend: 'Your organizations',
    missing: 'Choose one of your organizations, or cancel.',
  },
  none: {
    title: 'No organization',
    heading: 'You don’t belong to an organization yet',
    lead: (client: string, email: string) =>
      `${client} works with the data of an organization. Ask an owner of yours to add ${email}, then try again.`,
  },
  withoutOauth: {
    title: 'No organization',
    heading: 'Your organization’s plan doesn’t let apps in',
    lead: (client: string, email: string) =>
      `${client} works with the data of an organization, and yours (${email}) has no OAuth in its plan. Ask an owner of it for another plan, then try again.`,
  },
  ownedWithoutOauth: {
    title: 'No organization',
    heading: 'Your organization’s plan doesn’t let apps in',
    lead: (client: string, organization: string) =>
      `${client} works with the data of an organization, and the plan of ${organization} has no OAuth.`,
    planChange: (product: string, plans: string) => `Ask ${product} to move it to the plan ${plans}.`,
    tryAgain: 'Try again when that is done',
  },
};
