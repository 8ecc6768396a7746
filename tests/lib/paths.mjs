/* Paths of rows with variables. */

/* The path of a good call with another value for one variable. */
export function pathWith({ path }, good, variable, value) {
  const segments = (good.path ?? path).split('/');
  segments[path.split('/').indexOf(`{${variable}}`)] = value;
  return segments.join('/');
}

/* The names of the variables. */
export const variablesOf = ({ path }) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
