/* The columns of ACCOUNT_FIELDS (model/account.h), in their order, from accounts `a`. */
#ifndef DIALTONE_STORE_ACCOUNT_COLUMNS_H
#define DIALTONE_STORE_ACCOUNT_COLUMNS_H

/* clang-format off */
#define ACCOUNT_COLUMNS                                                                             \
	" a.id, a.username, a.domain, 'sip:' || a.username || '@' || a.domain AS sip_uri, a.email," \
	" a.activated, a.blocked, a.admin, a.ip_address, a.user_agent, a.created_at, a.updated_at," \
	" a.display_name, a.dtmf_protocol, a.phone, s.realm,"                                       \
	" ck.expires_at AS confirmation_key_expires, ck.key_sealed AS confirmation_sealed,"         \
	" pt.token_sealed AS provisioning_sealed, pt.expires_at AS provisioning_token_expire_at,"   \
	" a.dictionary, a.algorithms AS passwords, a.types,"                                        \
	" CASE WHEN a.dtmf_protocol IS NULL THEN '[]' ELSE a.actions END AS actions,"               \
	" NULL::jsonb AS email_changed, NULL::jsonb AS email_change_code,"                          \
	" NULL::jsonb AS phone_change_code, '[]'::jsonb AS carddav_servers"

#define ACCOUNT_JOINS                                                                               \
	" JOIN spaces s ON s.domain = a.domain"                                                     \
	" LEFT JOIN provisioning_tokens pt ON pt.account_id = a.id AND NOT pt.used"                 \
	" LEFT JOIN confirmation_keys ck ON ck.account_id = a.id"
/* clang-format on */

#endif
