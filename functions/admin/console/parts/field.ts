import type { Named } from '../core/names.ts';

/** One field of a form. What a person types is text; `read` makes of it what the API takes. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly kind?: 'text' | 'password' | 'lines' | 'select' | 'checkbox' | 'url' | 'date';
  readonly options?: readonly (string | { readonly value: string; readonly text: string })[];
  /** It is the id of one of these, which are suggested. */
  readonly idOf?: Named;
  readonly required?: boolean;
  readonly placeholder?: string;
  /** @throws Error with what is wrong, to be shown. */
  readonly read?: (text: string) => unknown;
  /** Shown only after asking for more. */
  readonly advanced?: boolean;
}
