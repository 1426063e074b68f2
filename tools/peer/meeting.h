/* SPDX-License-Identifier: BSD-2-Clause */
/* Where two peers meet: a folder with a file for each thing that one of them has posted. The file has the bytes sent by then. */
#ifndef HANGUP_TOOLS_PEER_MEETING_H
#define HANGUP_TOOLS_PEER_MEETING_H

#include "tools/peer/call.h"

/* What was posted under that name. False: nothing. */
bool meeting_read(const struct call *call, const char *name, uint64_t *sent);

#endif
