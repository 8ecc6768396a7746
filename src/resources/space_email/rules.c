#include "crypto/seal.h"
#include "space_email_priv.h"

const struct str email_password_context = { "email_password", 14 };

enum err email_server_put(struct service *s, int64_t space_id, const struct email_server *in,
	struct email_server *ret)
{
	struct email_server row = *in;
	enum err e = ERR_OK;

	row.space_id = space_id;
	if (in->password)
		e = seal(s->keys, str_from(in->password), email_password_context, s->arena,
			&row.password_sealed);
	return e == ERR_OK ? email_server_store_put(s, &row, ret) : e;
}
