/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alerts' names out of the language's table.
 */
#include "tls/alert.h"

#include <stdio.h>

#include "rules/ruleset.h"

void alert_text(unsigned alert, char text[ALERT_TEXT])
{
    const char *name = alert_name(alert);

    if (name != NULL) {
        snprintf(text, ALERT_TEXT, "%s", name);
    } else {
        snprintf(text, ALERT_TEXT, "alert %u", alert);
    }
}
