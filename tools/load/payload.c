/* SPDX-License-Identifier: BSD-2-Clause */
/* A soak's bytes and their hash. Called by soak.c and host.c. */
#include "tools/load/payload.h"

void payload_fill(uint32_t seed, uint32_t offset, char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint32_t mixed = (seed + offset + (uint32_t)i) * 2654435761u;

        bytes[i] = (char)(mixed >> 24);
    }
}

uint64_t payload_hash(uint64_t hash, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}
