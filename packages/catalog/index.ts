export { type AccountMail, type AccountMailData, accountMail } from './account-mail.ts';
export * from './app-policy.ts';
export * from './brand.ts';
export * from './capability.ts';
export * from './client.ts';
export * from './client-url.ts';
export { type DomainEvent, domainEvent, type MailedEvent, mailedEvent } from './domain-event.ts';
export * from './email-address.ts';
export * from './grant-end.ts';
export * from './language.ts';
export { defaultProduct, loadProduct } from './load-product.ts';
export * from './password-login.ts';
export * from './plan.ts';
export * from './problem.ts';
export {
  allResources,
  defineProduct,
  type ErrorSpec,
  type Product,
  passwordLoginOf,
  planHasOauth,
  type Role,
  roles,
} from './product.ts';
export { type PublicJwks, publicJwks } from './public-jwks.ts';
export { isLoopback, redirectUriMistake } from './redirect-uri.ts';
export { type Operation, operations, type Resource, resource } from './resource.ts';
export * from './role.ts';
export * from './scope.ts';
export * from './time-words.ts';
export * from './wire.ts';
