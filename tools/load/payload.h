/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a soak's links say, so that each byte can be accounted for: a head that tells what comes, bytes that are made from a seed, and a
 * tail with the hashes of what the server has read and written. Used by soak.c and host.c.
 */
#ifndef HANGUP_TOOLS_LOAD_PAYLOAD_H
#define HANGUP_TOOLS_LOAD_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* How a link ends once all is said. */
enum ending {
    ENDING_HALF_CLOSE,   /* the client sends its FIN behind its last byte; the tail comes when the server has seen that */
    ENDING_SERVER_FIRST, /* the server closes, the client closes thereafter */
    ENDING_CLIENT_FIRST, /* the client closes when it has all */
    ENDING_RESET,        /* the client resets when it has all */
    ENDINGS
};

struct payload_head {
    uint32_t seed;
    uint32_t up, down; /* bytes that the client sends behind the head, and the server in front of the tail */
    uint32_t ending;   /* enum ending */
};

struct payload_tail {
    uint64_t up, down; /* hashes */
};

#define PAYLOAD_HASH_START UINT64_C(0xcbf29ce484222325)

/* The bytes from `offset` on. */
void payload_fill(uint32_t seed, uint32_t offset, char *bytes, size_t size);

/* FNV-1a, gone on with. */
uint64_t payload_hash(uint64_t hash, const char *bytes, size_t size);

#endif
