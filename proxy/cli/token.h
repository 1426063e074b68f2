/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The token of the control side: in a file, so that no list of processes shows it. Read by `run`, `serve` and `ctl`.
 */
#ifndef HANGUP_CLI_TOKEN_H
#define HANGUP_CLI_TOKEN_H

/* The first line of the file, the caller's. NULL: token_problem() says why. */
char *token_read(const char *path);
const char *token_problem(void);

#endif
