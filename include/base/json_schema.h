/*
 * JSON Schemas of what no struct describes, as texts: for the column `schema` of fields and endpoints.
 *
 *   SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_INT) "," SCHEMA_MEMBER("key", SCHEMA_TEXT)))
 */
#ifndef DIALTONE_BASE_JSON_SCHEMA_H
#define DIALTONE_BASE_JSON_SCHEMA_H

#define SCHEMA_TEXT              "{\"type\":\"string\"}"
#define SCHEMA_TEXT_OR_NULL      "{\"type\":[\"string\",\"null\"]}"
#define SCHEMA_INT               "{\"type\":\"integer\"}"
#define SCHEMA_INT_OR_NULL       "{\"type\":[\"integer\",\"null\"]}"
#define SCHEMA_FLAG              "{\"type\":\"boolean\"}"
#define SCHEMA_TEXT_OR_FLAG      "{\"type\":[\"string\",\"boolean\"]}"
#define SCHEMA_NULL              "{\"type\":\"null\"}"
#define SCHEMA_MEMBER(name, is)  "\"" name "\":" is
#define SCHEMA_OBJECT(members)   "{\"type\":\"object\",\"properties\":{" members "}}"
#define SCHEMA_LIST(items)       "{\"type\":\"array\",\"items\":" items "}"
#define SCHEMA_MAP(values)       "{\"type\":\"object\",\"additionalProperties\":" values "}"
#define SCHEMA_ANY_OF(one, more) "{\"anyOf\":[" one "," more "]}"
/* Names of scalars, or nothing. */
#define SCHEMA_RECORD                                                                         \
	SCHEMA_ANY_OF(SCHEMA_MAP("{\"type\":[\"string\",\"integer\",\"boolean\",\"null\"]}"), \
		SCHEMA_NULL)
/* Members of any kind, named by others. */
#define SCHEMA_FREE "{\"type\":\"object\",\"additionalProperties\":true}"

#endif
