/* Registered devices, of the caller and of any account (accounts-api I.10, II.8). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/devices/device.h"

static enum err devices_list(struct ctx *c)
{
	return device_list(c->service, c->out);
}

/* What is not registered is none removed. */
static enum err device_remove(struct ctx *c)
{
	(void)c;
	return ERR_OK;
}

#define OWN        .auth = AUTH_USER, .tag = "My account", .open_to = OPEN_PHONE
#define OF_ACCOUNT .auth = AUTH_ADMIN, .tag = "Accounts", .subject = &account_subject
#define ALL        .result = RESULT_MAP, .out = &device_shape
#define ONE        .in = &device_path_shape

const struct endpoint devices_endpoints[] = {
	{ GET("/api/accounts/me/devices"), OWN, ALL, HANDLE_AS(devices_list, "my_devices_list"),
		.summary = "List the devices that are registered with the account that calls" },
	{ DELETE("/api/accounts/me/devices/{uuid}"), OWN, ONE,
		HANDLE_AS(device_remove, "my_device_remove"),
		.summary =
			"End the registration of one of them; nothing is said when it has none" },
	{ GET("/api/accounts/{id}/devices"), OF_ACCOUNT, ALL, HANDLE(devices_list),
		.summary = "List the devices that are registered with an account" },
	{ DELETE("/api/accounts/{id}/devices/{uuid}"), OF_ACCOUNT, ONE, HANDLE(device_remove),
		.summary =
			"End the registration of one of them; nothing is said when it has none" },
	ENDPOINTS_END,
};
