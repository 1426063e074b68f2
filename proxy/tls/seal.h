/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record of our own: an alert that OpenSSL has no call for, sealed as its next record would be. The secrets come from its key log, the
 * record's number from counting what it has sent. After it OpenSSL's numbers no longer fit, so it must be the last thing that is said; an
 * alert is. Where records are sealed in other ways than TLS 1.3's and TLS 1.2's AES-GCM and ChaCha20, it says that it cannot.
 */
#ifndef HANGUP_TLS_SEAL_H
#define HANGUP_TLS_SEAL_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_SECRET_MOST 64
#define SEAL_RECORD_MOST 64

struct seal {
    uint8_t secret[SEAL_SECRET_MOST]; /* TLS 1.3: the traffic secret of what we send; 1.2: the master secret */
    size_t secret_length;             /* 0: what we send is in the clear */
    bool switched;                    /* TLS 1.2: our ChangeCipherSpec has been sent, so that records are sealed */
    uint64_t number;                  /* of the next record under these keys, from 0 */
};

/* A line of the key log: kept if it tells the secret of what we send, also the next one, behind a KeyUpdate (RFC 8446, 7.2). */
void seal_key_line(struct seal *seal, const SSL *ssl, const char *line);

/* OpenSSL has made a record of this type (its message callback, SSL3_RT_HEADER). */
void seal_count(struct seal *seal, const uint8_t *header, size_t length);

/* Makes the record of a fatal alert. Its length, or 0: it cannot be made with this cipher. */
size_t seal_alert(const struct seal *seal, const SSL *ssl, unsigned alert, uint8_t record[SEAL_RECORD_MOST]);

#endif
