/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How TLS with one side ends, well or not: close_notify, an alert of either, a bare FIN, an RST, a failure of our own; what is told of it,
 * and what enters that side's flow. Used by the stage alone. (What rules have us say to end it is the stage's.)
 */
#ifndef HANGUP_TLS_PARTING_H
#define HANGUP_TLS_PARTING_H

struct tls_stage;

/* Its FIN, its RST: what the wire says. */
void parting_by_fin(struct tls_stage *stage);
void parting_by_rst(struct tls_stage *stage);

/* Its close_notify. */
void parting_by_notify(struct tls_stage *stage);

/* A call of OpenSSL's failed: by an alert of its, else for this reason of ours. */
void parting_by_failure(struct tls_stage *stage, const char *reason);

#endif
