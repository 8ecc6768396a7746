/* Mails that wait as jobs, and the links in them. */
import { createAccount, randomName } from './accounts.mjs';

/* What the newest mail of that kind to this account will say: { link, email, ... }. */
export async function mailOf(dialtone, { id }, kind) {
  const [[job]] = await dialtone.sql(`SELECT id FROM jobs WHERE account_id = ${id} AND kind = 'mail.${kind}' ORDER BY id DESC LIMIT 1`);
  const { stdout, stderr } = await dialtone.ctl(['jobs', 'show', job, '--payload', '--json']);
  const shown = JSON.parse(stdout || stderr);
  return typeof shown.payload === 'string' ? JSON.parse(shown.payload) : shown.payload;
}

/* Has one sent, "provisioning" or "reset_password", to an account, a new one if none is given. Resolves with { account, mail, path, token }. */
export async function linkOf(dialtone, kind, given) {
  const account = given ?? await createAccount(dialtone, { email: `${randomName()}@example.org` });
  await dialtone.api('POST', `/api/accounts/${account.id}/send_${kind}_email`, { as: 'admin' });
  const mail = await mailOf(dialtone, account, kind);
  const { pathname } = new URL(mail.link);
  return { account, mail, path: pathname, token: pathname.split('/').at(-1) };
}
