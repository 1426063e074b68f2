/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following TLS records through a fault: which bytes that pass belong to which record, from the fault's place on, wherever the reads cut
 * them. Used by the kinds whose WHAT is `records`. Where a flow is no TLS, or goes out of step, nothing more is meant.
 */
#ifndef HANGUP_FAULTS_RECORDS_H
#define HANGUP_FAULTS_RECORDS_H

#include "engine/fault.h"
#include "tls/record.h"

struct records {
    struct tls_records now; /* where the next byte stands */
    size_t in_front;        /* bytes that come first, and stood in front of the place */
    uint64_t first;         /* number of the first record that begins behind the place */
};

/* A stretch of bytes that stand alike. */
struct stretch {
    size_t length;
    bool payload; /* of a record, behind the place; else a header, or none of TLS */
    bool whole;   /* of a record that began behind the place */
    bool begins;  /* its first byte is the record's first; with `payload`, the payload's first */
    bool ends;    /* its last byte is the record's last */
    uint64_t number;
    size_t offset, size; /* payload: where the stretch begins in it, and how long all of it is */
};

void records_start(struct records *records, struct fault *fault);

/* Walks past the next stretch, of at most `length` (above 0) bytes. */
struct stretch records_walk(struct records *records, const uint8_t *bytes, size_t length);

#endif
