#include "base/err.h"

#include <stddef.h>

#define ERR_ROW(name, status, key, en, fr, it) [ERR_##name] = { #name, status, key, en, fr, it },
const struct err_info err_table[ERR_COUNT] = { [ERR_OK] = { "OK", 200, "ok", "", NULL, NULL },
	ERR_CODES(ERR_ROW) };
#undef ERR_ROW

const char *err_name(enum err e)
{
	return err_table[e].name;
}
