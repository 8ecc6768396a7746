/*
 * Which SQL inside functions was run: their sources against the texts that auto_explain has told (tests/lib/plans.mjs),
 * which are pieces of them.
 */

/* A text as the server tells it, and a source, in one form: PERFORM is SELECT, INTO and its variables are left out. */
const plain = (sql) => sql.replace(/--.*$/gm, ' ').replace(/'(INSERT|UPDATE|DELETE|TRUNCATE)'/g, '').replace(/'/g, '').replace(/\bPERFORM\b/g, 'SELECT')
  .replace(/\b(INSERT\s+)?INTO\s+[\w.]+(\s*,\s*[\w.]+)*/g, (text, insert) => (insert ? text : ''))
  .replace(/\s+/g, '').toLowerCase();

/* An expression is told as SELECT of it. */
const piecesOf = (text) => [plain(text), plain(text).replace(/^select/, '')];

function covered(source, pieces) {
  const is = new Uint8Array(source.length);
  for (const piece of pieces) {
    for (let at = source.indexOf(piece); at >= 0; at = source.indexOf(piece, at + 1)) is.fill(1, at, at + piece.length);
  }
  return is;
}

/* functions: [name, source]. The beginnings of what no result's plan is of, each behind its function's name. */
export function notRun(functions, results) {
  const texts = new Set(results.flatMap(({ plans }) => plans.filter(({ nested }) => nested).map(({ text }) => text)));
  const pieces = [...texts].flatMap(piecesOf).filter(Boolean);
  return functions.flatMap(([name, text]) => {
    const source = plain(text);
    const is = covered(source, pieces);
    return [...source.matchAll(/select|insertinto|update(?=\w+set)|deletefrom/g)].filter(({ index }) => !is[index])
      .map(({ index }) => `${name}: ${source.slice(index, index + 60)}`);
  });
}
