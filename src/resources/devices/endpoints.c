/* Registered devices, of the caller and of any account (accounts-api I.10, II.8). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/devices/device.h"
#include "service/caller.h"
#include "service/waiting.h"

static struct account caller_of(const struct ctx *c)
{
	const struct identity *by = &c->caller->identity;

	return (struct account){ .username = by->username, .domain = by->domain };
}

static enum err my_devices_list(struct ctx *c)
{
	const struct account me = caller_of(c);

	return device_list(c->service, &me, c->out);
}

static enum err devices_list(struct ctx *c)
{
	return device_list(c->service, c->subject, c->out);
}

static enum err removal(struct ctx *c, const struct account *a)
{
	const struct device_path *in = c->in;
	bool removed = false;
	enum err e = device_remove(c->service, a, in->uuid, &removed);

	*(int64_t *)c->out = removed;
	return e;
}

static enum err my_device_removal(struct ctx *c)
{
	const struct account me = caller_of(c);

	return removal(c, &me);
}

static enum err device_removal(struct ctx *c)
{
	return removal(c, c->subject);
}

#define OWN        .auth = AUTH_USER, .tag = "My account", .open_to = OPEN_PHONE
#define OF_ACCOUNT .auth = AUTH_ADMIN, .tag = "Accounts", .subject = &account_subject
#define ALL        .result = RESULT_MAP, .out = &device_shape, WAITS
#define ONE        .in = &device_path_shape, .result = RESULT_COUNT_IF_ANY, WAITS
#define WAITS      .refusals = { &waiting_full }

const struct endpoint devices_endpoints[] = {
	{ GET("/api/accounts/me/devices"), OWN, ALL, HANDLE(my_devices_list),
		.summary = "List the devices that are registered with the account that calls" },
	{ DELETE("/api/accounts/me/devices/{uuid}"), OWN, ONE,
		HANDLE_AS(my_device_removal, "my_device_remove"),
		.summary =
			"End the registration of one of them; nothing is said when it has none" },
	{ GET("/api/accounts/{id}/devices"), OF_ACCOUNT, ALL, HANDLE(devices_list),
		.summary = "List the devices that are registered with an account" },
	{ DELETE("/api/accounts/{id}/devices/{uuid}"), OF_ACCOUNT, ONE,
		HANDLE_AS(device_removal, "device_remove"),
		.summary =
			"End the registration of one of them; nothing is said when it has none" },
	ENDPOINTS_END,
};
