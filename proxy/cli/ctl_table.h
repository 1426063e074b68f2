/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of JSON objects as people and scripts read them: columns with a head on a terminal, tab-separated lines in a pipe.
 */
#ifndef HANGUP_CLI_CTL_TABLE_H
#define HANGUP_CLI_CTL_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* `columns`: names of members, one blank apart; `client.state` is a member of a member; of a list its length is shown. */
void ctl_table_print(FILE *out, const json_t *list, const char *columns, bool for_people);

#endif
