/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Name tables, and the functions of ruleset.h that read them.
 */
#include "rules/names.h"

#include "rules/ruleset.h"

#include <errno.h>
#include <string.h>

const struct name names_states[] = {
    { "ESTABLISHED", STATE_ESTABLISHED },
    { "SYN_SENT", STATE_SYN_SENT },
    { "SYN_RECV", STATE_SYN_RECV },
    { "FIN_WAIT1", STATE_FIN_WAIT1 },
    { "FIN_WAIT2", STATE_FIN_WAIT2 },
    { "TIME_WAIT", STATE_TIME_WAIT },
    { "CLOSE", STATE_CLOSE },
    { "CLOSE_WAIT", STATE_CLOSE_WAIT },
    { "LAST_ACK", STATE_LAST_ACK },
    { "LISTEN", STATE_LISTEN },
    { "CLOSING", STATE_CLOSING },
    { NULL, 0 },
};

#define ERRNO(name) { #name, name }

/* Those that a network can cause. */
const struct name names_errnos[] = {
    ERRNO(ECONNREFUSED), ERRNO(ECONNRESET), ERRNO(ECONNABORTED), ERRNO(EHOSTUNREACH), ERRNO(ENETUNREACH), ERRNO(EHOSTDOWN), ERRNO(ENETDOWN),
    ERRNO(ENONET), ERRNO(ETIMEDOUT), ERRNO(EPIPE), ERRNO(EACCES), ERRNO(EPERM), ERRNO(EPROTO), ERRNO(ENOPROTOOPT), ERRNO(EOPNOTSUPP),
    ERRNO(EMSGSIZE), ERRNO(EADDRNOTAVAIL), { NULL, 0 },
};

const struct name names_alerts[] = {
    { "close_notify", 0 },
    { "unexpected_message", 10 },
    { "bad_record_mac", 20 },
    { "record_overflow", 22 },
    { "handshake_failure", 40 },
    { "bad_certificate", 42 },
    { "unsupported_certificate", 43 },
    { "certificate_revoked", 44 },
    { "certificate_expired", 45 },
    { "certificate_unknown", 46 },
    { "illegal_parameter", 47 },
    { "unknown_ca", 48 },
    { "access_denied", 49 },
    { "decode_error", 50 },
    { "decrypt_error", 51 },
    { "protocol_version", 70 },
    { "insufficient_security", 71 },
    { "internal_error", 80 },
    { "inappropriate_fallback", 86 },
    { "user_canceled", 90 },
    { "missing_extension", 109 },
    { "unsupported_extension", 110 },
    { "unrecognized_name", 112 },
    { "bad_certificate_status_response", 113 },
    { "unknown_psk_identity", 115 },
    { "certificate_required", 116 },
    { "no_application_protocol", 120 },
    { NULL, 0 },
};

const struct name names_kinds[] = {
    { "expired", 0 }, { "future", 1 }, { "misnamed", 2 }, { "self_signed", 3 }, { "untrusted", 4 },
    { "incomplete", 5 }, { "weak", 6 }, { "misused", 7 }, { "revoked", 8 }, { NULL, 0 },
};

const struct name names_versions[] = {
    { "1.0", VERSION_1_0 }, { "1.1", VERSION_1_1 }, { "1.2", VERSION_1_2 }, { "1.3", VERSION_1_3 }, { NULL, 0 },
};

const struct name names_whats[] = {
    { "data", WHAT_DATA }, { "fin", WHAT_FIN }, { "rst", WHAT_RST }, { "syn", WHAT_SYN },
    { "segments", WHAT_SEGMENTS }, { "segment", WHAT_SEGMENTS }, { "acks", WHAT_ACKS }, { "records", WHAT_RECORDS },
    { "close_notify", WHAT_CLOSE_NOTIFY }, { "window", WHAT_WINDOW }, { NULL, 0 },
};

const struct name *names_find(const struct name *table, const char *word, size_t length)
{
    for (const struct name *row = table; row->name; row++) {
        if (strlen(row->name) == length && memcmp(row->name, word, length) == 0)
            return row;
    }
    return NULL;
}

static const char *name_of(const struct name *table, int value)
{
    while (table->name && table->value != value)
        table++;
    return table->name;
}

const char *side_name(enum side side)
{
    return side == SIDE_CLIENT ? "client" : "server";
}

const char *alert_name(unsigned code)
{
    return name_of(names_alerts, (int)code);
}

const char *what_name(enum what what)
{
    return name_of(names_whats, (int)what);
}

const char *tls_version_name(enum tls_version version)
{
    return name_of(names_versions, (int)version);
}

const char *tcp_state_name(enum tcp_state state)
{
    return name_of(names_states, (int)state);
}

int tcp_state_from_name(const char *name, size_t length)
{
    const struct name *row = names_find(names_states, name, length);

    return row ? row->value : -1;
}
