/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of notices, as data.
 */
#include "relay/notice.h"

const struct notice_row notice_rows[NOTICE_KINDS] = {
#define X(id, row_name, row_has_side, row_help) [NOTICE_##id] = {.name = row_name, .help = row_help, .has_side = row_has_side},
    NOTICES(X)
#undef X
};
