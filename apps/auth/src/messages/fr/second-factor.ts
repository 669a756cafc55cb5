import type { Messages } from '../en.ts';

export const secondFactor = {
  title: 'Deuxième étape',
  failedTitle: 'Échec de la deuxième étape',
  lead: (email: string) => `pour vous connecter en tant que ${email}`,
  or: 'ou',
  code: 'Code de votre application d’authentification',
  codeHint: 'Six chiffres, nouveaux toutes les 30 secondes.',
  recoveryTitle: 'Utiliser un code de secours',
  recoveryLead: (email: string) =>
    `Vous en avez reçu dix en configurant la connexion en deux étapes pour ${email}. Chacun fonctionne une seule fois.`,
  recoveryCode: 'Code de secours',
  recoveryHint: 'Tel qu’il vous a été montré\u00a0: abcd-efgh-ijkl-mnop.',
  submit: 'Continuer',
  usePasskey: 'Utiliser une clé d’accès',
  signInWithPasskey: 'Se connecter avec une clé d’accès',
  passkeyLead: 'Votre mot de passe était juste. Confirmez maintenant avec votre clé d’accès.',
  passkeyFailed: 'Cela n’a pas fonctionné. Réessayez ou choisissez un autre moyen.',
  withoutScripts: 'Les clés d’accès ont besoin de JavaScript, que votre navigateur n’exécute pas ici.',
  lostIt: 'Je ne peux pas\u00a0: utiliser un code de secours',
  haveIt: 'Retour aux autres moyens',
  noCodesLeft:
    'Il ne vous reste aucun code de secours. Si vous ne pouvez pas continuer, demandez à ceux qui gèrent ce service de réinitialiser votre deuxième étape.',
  startAgain: 'Utiliser un autre compte',
  wrong: {
    totp: 'Ce code n’est pas le bon, ou a déjà servi. Attendez le suivant et réessayez.',
    recovery: 'Ce code de secours n’est pas le bon, ou a déjà servi. Essayez-en un autre.',
    passkey:
      'Cette clé d’accès n’est pas de ce compte, ou la page est restée ouverte trop longtemps. Réessayez.',
  },
  paused: (wait: string) =>
    `La deuxième étape est suspendue pour protéger ce compte. Patientez ${wait}, puis reconnectez-vous. Si ce n’était pas vous, changez votre mot de passe.`,
  required: {
    title: 'Connexion en deux étapes requise',
    lead: (organization: string, client: string) =>
      `${organization} demande à ses membres une deuxième étape à la connexion avant qu’ils n’autorisent ${client}. Configurez-la maintenant, cela prend une minute.`,
    setUp: 'La configurer',
    changeOrganization: 'Choisir une autre organisation',
  },
  settings: {
    name: 'Connexion en deux étapes',
    about: 'Une application d’authentification, des clés d’accès et des codes de secours.',
    title: 'Connexion en deux étapes',
    lead: 'Avec une deuxième étape, connaître votre mot de passe ne suffit plus pour entrer.',
    on: 'Activée',
    off: 'Désactivée',
    requiredBy: (organizations: string) =>
      `${organizations} exige la connexion en deux étapes. Configurez une application d’authentification ou une clé d’accès pour continuer.`,
    lastStays: (organizations: string) =>
      `C’est votre dernière deuxième étape, et ${organizations} en exige une. Configurez-en d’abord une autre.`,
    totp: {
      title: 'Application d’authentification',
      about: 'Une application sur votre téléphone affiche un nouveau code toutes les 30 secondes.',
      setUp: 'Configurer une application d’authentification',
      item: 'Application d’authentification',
      remove: 'Retirer',
      removeLabel: 'Retirer l’application d’authentification',
    },
    passkeys: {
      title: 'Clés d’accès',
      about:
        'Connectez-vous avec votre empreinte, votre visage, un code PIN ou une clé de sécurité. Une clé d’accès remplace aussi le mot de passe.',
      none: {
        title: 'Aucune clé d’accès pour le moment',
        text: 'Ajoutez-en une pour chaque appareil que vous utilisez.',
      },
      add: 'Ajouter une clé d’accès',
      synced: 'Synchronisée',
      remove: 'Retirer',
      removeLabel: (name: string) => `Retirer la clé d’accès ${name}`,
      unavailable: 'Les clés d’accès ont besoin d’un nom d’hôte, et ce serveur est joint par une adresse.',
    },
    recovery: {
      title: 'Codes de secours',
      about: 'Pour le cas où vous auriez perdu tout le reste. Chacun remplace une fois la deuxième étape.',
      left: (left: number) => (left === 1 ? 'Il reste un code' : `Il reste ${left} codes`),
      noneLeft: 'Il ne reste aucun code. Créez-en de nouveaux maintenant.',
      renew: 'Créer de nouveaux codes de secours',
      renewHint: 'Les précédents ne fonctionneront plus.',
      without: 'Vous les recevez en configurant votre première deuxième étape.',
    },
    added: (day: string) => `Ajoutée le ${day}`,
    lastUsed: (day: string) => `Utilisée le ${day}`,
    neverUsed: 'Pas encore utilisée',
    back: 'Retour à la connexion en deux étapes',
  },
  addTotp: {
    title: 'Configurer une application d’authentification',
    scan: 'Scannez ceci avec une application d’authentification.',
    qrCode: 'QR code pour l’application d’authentification',
    typeIt: 'Ou saisissez cette clé dans l’application\u00a0:',
    enter: 'Saisissez le code que l’application affiche maintenant.',
    submit: 'Activer',
    wrong:
      'Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone et saisissez le code que l’application affiche maintenant.',
    thereAlready: 'Vous avez déjà une application d’authentification. Retirez-la d’abord.',
  },
  addPasskey: {
    title: 'Ajouter une clé d’accès',
    lead: 'Donnez-lui un nom qui vous dit où elle est, puis suivez votre navigateur.',
    name: 'Nom',
    defaultName: 'Ma clé d’accès',
    submit: 'Ajouter la clé d’accès',
    failed: 'La clé d’accès n’a pas été créée. Réessayez, ou utilisez un autre appareil.',
    wrong:
      'Cette clé d’accès n’a pas pu être ajoutée\u00a0: elle est déjà ici, ou la page est restée ouverte trop longtemps. Réessayez.',
    nameNeeded: 'Donnez à la clé d’accès un nom de 60 caractères au plus.',
  },
  codes: {
    title: 'Vos codes de secours',
    lead: 'Gardez-les là où vous les trouverez sans votre téléphone\u00a0: sur papier ou dans un gestionnaire de mots de passe. Ils ne sont montrés que cette fois.',
    isOn: 'La connexion en deux étapes est activée.',
    download: 'Télécharger un fichier',
    goOn: 'Je les ai gardés',
  },
} satisfies Messages['secondFactor'];
