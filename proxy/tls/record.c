/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Record boundaries, a byte of the header or the rest of a payload at a time.
 */
#include "tls/record.h"

#include <string.h>

size_t tls_records_reach(const struct tls_records *records)
{
    if (records->lost) {
        return SIZE_MAX;
    }
    if (records->have == 0) {
        return 1;
    }
    return records->have < TLS_HEADER ? TLS_HEADER - records->have : records->left;
}

bool tls_records_in_payload(const struct tls_records *records)
{
    return !records->lost && records->have == TLS_HEADER;
}

/* Else what has come of these five bytes is no header of TLS: plain text, an SSLv2 hello, or a flow that has gone out of step. */
static bool header_is_sound(const struct tls_records *records)
{
    const uint8_t *header = records->header;

    if (header[0] < TLS_CHANGE_CIPHER_SPEC || header[0] > TLS_HEARTBEAT) {
        return false;
    }
    if ((records->have > 1 && header[1] != 3) || (records->have > 2 && header[2] > 4)) { /* SSL 3.0 to TLS 1.3 */
        return false;
    }
    return records->have < TLS_HEADER || records->length <= TLS_PAYLOAD_MOST;
}

static void end_record(struct tls_records *records)
{
    records->have = 0;
    records->ended = true;
}

static void take_header(struct tls_records *records, const uint8_t *bytes, size_t length)
{
    const uint8_t *header = records->header;

    if (records->have == 0) {
        records->at = records->position;
        records->number++;
    }
    memcpy(records->header + records->have, bytes, length);
    records->have += (unsigned)length;
    records->type = (enum tls_type)header[0];
    if (records->have == TLS_HEADER) {
        records->version = (unsigned)header[1] << 8 | header[2];
        records->length = records->left = (size_t)header[3] << 8 | header[4];
    }
    records->lost = !header_is_sound(records);
    if (records->have == TLS_HEADER && records->left == 0 && !records->lost) {
        end_record(records);
    }
}

void tls_records_take(struct tls_records *records, const uint8_t *bytes, size_t length)
{
    records->ended = false;
    if (records->lost || length == 0) {
        records->position += length;
        return;
    }
    if (records->have < TLS_HEADER) {
        take_header(records, bytes, length);
    } else {
        records->left -= length;
        if (records->left == 0) {
            end_record(records);
        }
    }
    records->position += length;
}

void tls_records_step_back(struct tls_records *records, uint64_t bytes)
{
    uint64_t into = records->position - records->at; /* the record that is under way, or was last */

    if (records->lost || bytes == 0) {
        return;
    }
    records->position -= bytes;
    records->ended = false;
    if (bytes > into) {
        records->lost = true;
    } else if (bytes == into) {
        records->have = 0;
        records->number--;
    } else if (into - bytes < TLS_HEADER) {
        records->have = (unsigned)(into - bytes);
    } else {
        records->have = TLS_HEADER;
        records->left = records->length - (size_t)(into - bytes - TLS_HEADER);
    }
}
