/* The two halves of the OpenAPI document: paths (openapi.c) and schemas (openapi_schema.c). */
#ifndef DIALTONE_HTTP_OPENAPI_PRIV_H
#define DIALTONE_HTTP_OPENAPI_PRIV_H

#include "base/json_writer.h"
#include "http/router.h"

/* "key":"value" */
/* {"$ref": ...} of a schema. */
void openapi_reference(struct json_writer *w, const char *schema);
/* An object of the shape, as this reader sees it. */
void openapi_example(struct json_writer *w, const struct shape *s, enum field_reader reader);
/* The schema of one field, as a caller sends it or as an answer shows it. */
void openapi_field(struct json_writer *w, const struct field *f, bool input);
/* components.schemas: every shape of the rows once, and the errors. */
void openapi_schemas(struct json_writer *w, const struct router *r);
/* A row whose input has members in the body. */
bool openapi_has_body(const struct endpoint *e);

#endif
