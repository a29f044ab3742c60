// openapi-typescript builds types with the programming interface of TypeScript 5, which TypeScript 7 no longer has. A second
// `typescript` package would take the command `tsc`, so the one inside of @ts-morph/common stands in for it.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? '@ts-morph/common/dist/typescript.js' : specifier, context),
});
