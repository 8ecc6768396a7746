/* The states of extensions and mailboxes, as clients ask for them when their page opens (cti-api 4.1, 4.2). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "base/json_schema.h"
#include "base/json_writer.h"
#include "resources/cti_users/cti_user.h"
#include "resources/exten_states/exten_states.h"
#include "resources/extensions/extension.h"
#include "resources/profiles/profile.h"

static struct exten_reader reader_of(const struct ctx *c, const struct profile_grants *grants)
{
	return exten_reader_of(
		c->caller->identity.account_id, grants ? grants->capabilities : NULL);
}

static enum err extensions_all(struct ctx *c)
{
	const struct exten_reader reader = reader_of(c, c->read[2]);

	if (cti_users_are_own(c->service, c->read[0]))
		reply_header(c, CTI_DIRECTORY_OWN);
	exten_states_write(
		c->service, c->caller->identity.domain, c->read[0], c->read[1], &reader, c->out);
	return ERR_OK;
}

static enum err extension_one(struct ctx *c)
{
	const struct exten_reader reader = reader_of(c, c->read[0]);

	exten_state_of_one(c->service, c->caller->identity.domain, c->subject, &reader, c->out);
	return ERR_OK;
}

static enum err voicemail_counters(struct ctx *c)
{
	if (cti_users_are_own(c->service, c->read[0]))
		reply_header(c, CTI_DIRECTORY_OWN);
	voicemail_counters_write(c->service, c->caller->identity.domain, c->read[0], c->out);
	return ERR_OK;
}

/* clang-format off */
#define TEXT_MEMBER(name) SCHEMA_MEMBER(name, SCHEMA_TEXT) ","
#define FLAG_MEMBER(name) SCHEMA_MEMBER(name, SCHEMA_FLAG) ","
#define EXTENSION_SCHEMA                                                                            \
	SCHEMA_OBJECT(TEXT_MEMBER("exten") TEXT_MEMBER("name") TEXT_MEMBER("username")              \
		TEXT_MEMBER("status") TEXT_MEMBER("ip") TEXT_MEMBER("port") TEXT_MEMBER("mac")      \
		TEXT_MEMBER("sipuseragent") TEXT_MEMBER("chanType") TEXT_MEMBER("context")          \
		TEXT_MEMBER("cf") TEXT_MEMBER("cfb") TEXT_MEMBER("cfu") TEXT_MEMBER("cfVm")         \
		TEXT_MEMBER("cfbVm") TEXT_MEMBER("cfuVm")                                           \
		SCHEMA_MEMBER("codecs", SCHEMA_LIST(SCHEMA_TEXT)) ","                               \
		FLAG_MEMBER("dnd") FLAG_MEMBER("useWebsocket") SCHEMA_MEMBER("seq", SCHEMA_INT) "," \
		SCHEMA_MEMBER("conversations", SCHEMA_FREE))
#define COUNTERS_SCHEMA SCHEMA_MAP(SCHEMA_OBJECT(SCHEMA_MEMBER("newMessageCount", SCHEMA_TEXT)))
/* clang-format on */

#define USER                                                             \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI directory", \
	.open_to = OPEN_PROGRAM | OPEN_HMAC, .result = RESULT_JSON

const struct endpoint exten_states_endpoints[] = {
	{ GET("/api/astproxy/extensions"), USER, .schema = SCHEMA_MAP(EXTENSION_SCHEMA),
		.reads = { &cti_users_of_domain, &extensions_of_domain, &grants_of_caller },
		HANDLE(extensions_all), .summary = "Tell the state of all extensions of the domain",
		.text = "Calls are told of the caller's own extensions, and of all to those whose "
			"profile has presence_panel, with the numbers as their profile lets them "
			"see them. Of a domain that is too large for one answer it has the "
			"caller's alone, and the header X-Directory: own." },
	/* A 404 would make one of the clients leave this API for good (cti-api 1.14). */
	{ GET("/api/astproxy/extension/{exten}"), USER, .schema = EXTENSION_SCHEMA,
		.subject = &exten_owner_subject, .missing_as = &err_table[ERR_FORBIDDEN].told,
		.reads = { &grants_of_caller }, HANDLE(extension_one),
		.summary = "Tell the state of one of them" },
	{ GET("/api/voicemail/new_counters"), USER, .needs = "presence_panel",
		.schema = COUNTERS_SCHEMA, .reads = { &cti_users_of_domain },
		HANDLE(voicemail_counters),
		.summary = "Count the new voice messages of each mailbox of the domain" },
	ENDPOINTS_END,
};
