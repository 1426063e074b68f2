/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The API described, as OpenAPI 3.0: made from the tables of routes, so that it says what the server does.
 */
#ifndef HANGUP_CONTROL_OPENAPI_H
#define HANGUP_CONTROL_OPENAPI_H

#include <jansson.h>

json_t *openapi_description(void); /* the caller's */

#endif
