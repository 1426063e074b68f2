/* SPDX-License-Identifier: BSD-2-Clause */
/* What the load generator's clients and server have agreed on: the first byte of a connection says what it is for. */
#ifndef HANGUP_TOOLS_LOAD_PURPOSE_H
#define HANGUP_TOOLS_LOAD_PURPOSE_H

#include <stddef.h>

#define PURPOSE_BULK  'b' /* the server counts, and answers the FIN with the count, a uint64_t */
#define PURPOSE_ECHO  'e' /* it sends back what comes, this byte too */
#define PURPOSE_DELAY 'd' /* it answers each int64_t, the time of sending, with the ns that it took, an int64_t */
#define PURPOSE_PULL  'p' /* it sends */

#define BLOCK ((size_t)256 * 1024) /* bytes, the most that is read or written in one call */

#endif
