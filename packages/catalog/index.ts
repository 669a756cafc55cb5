export * from './capability.ts';
export { defaultProduct, loadProduct } from './load-product.ts';
export * from './plan.ts';
export * from './problem.ts';
export { allResources, defineProduct, type ErrorSpec, type Product, type Role, roles } from './product.ts';
export { redirectUriMistake } from './redirect-uri.ts';
export { type Operation, operations, type Resource, resource } from './resource.ts';
export * from './scope.ts';
export * from './wire.ts';
