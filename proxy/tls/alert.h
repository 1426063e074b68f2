/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of alerts (RFC 8446, 6), for notices. The same table is the language's; numbers that it does not know are shown as numbers.
 */
#ifndef HANGUP_TLS_ALERT_H
#define HANGUP_TLS_ALERT_H

#define ALERT_TEXT 48

void alert_text(unsigned alert, char text[ALERT_TEXT]);

#endif
