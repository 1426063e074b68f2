/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record layer of TLS (RFC 8446, section 5.1; RFC 5246, section 6.2.1) as it stands on the wire: where in one flow records begin and
 * end, wherever reads cut them, and of which type they are. Knows nothing of what is in them, of keys, or of the other flow. A plain
 * value: it may be copied, and owns nothing. view.c stands on it for events, and faults/ follow records by it.
 */
#ifndef HANGUP_TLS_RECORD_H
#define HANGUP_TLS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_HEADER 5u                /* bytes in front of each record's payload */
#define TLS_PAYLOAD_MOST (16384u + 2048) /* of an encrypted record, the largest of all versions (RFC 5246, section 6.2.3) */

enum tls_type {
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23,
    TLS_HEARTBEAT = 24, /* RFC 6520 */
};

/* Zeroed: in front of a flow's first byte. */
struct tls_records {
    uint64_t position; /* bytes taken */
    uint64_t at;       /* position of the first byte of the record that is under way, else of the last one */
    uint64_t number;   /* of that record, from 1; 0: none has begun */
    uint8_t header[TLS_HEADER];
    unsigned have;     /* bytes of the header that have come; 0: the next byte begins a record */
    enum tls_type type; /* from the first byte on; the others when the header is whole */
    unsigned version;  /* 0x0303 … */
    size_t length;     /* of its payload */
    size_t left;       /* of that, what has not come */
    bool ended;        /* the last byte taken was a record's last */
    bool lost;         /* this is no TLS, or no more: no further record is known */
};

/* So many bytes, one at least, may be taken at once: no record begins or ends in front of the last of them. SIZE_MAX when lost. */
size_t tls_records_reach(const struct tls_records *records);

/* Takes bytes, no more than that. */
void tls_records_take(struct tls_records *records, const uint8_t *bytes, size_t length);

/* As it was so many bytes ago, when it stood somewhere in the record that is under way, or in front of its first byte. Farther back it is
 * lost. */
void tls_records_step_back(struct tls_records *records, uint64_t bytes);

/* The next byte is payload. */
bool tls_records_in_payload(const struct tls_records *records);

#endif
