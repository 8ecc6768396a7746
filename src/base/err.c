#include "base/err.h"

#define ERR_ROW(name, status, key, text) [ERR_##name] = { #name, { status, key, text } },
const struct err_info err_table[ERR_COUNT] = { [ERR_OK] = { "OK", { 200, "ok", "" } },
	ERR_CODES(ERR_ROW) };
#undef ERR_ROW

const char *err_name(enum err e)
{
	return err_table[e].name;
}
