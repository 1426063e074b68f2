/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of relay blocks: window, segments, proxy, and those of TLS.
 */
#include "rules/option.h"

#include "rules/names.h"
#include "rules/slot.h"

#include <inttypes.h>
#include <string.h>

/* What Linux takes for TCP_MAXSEG. */
#define SEGMENTS_LEAST 88
#define SEGMENTS_MOST 32767

static void is_there_already(struct reader *reader, struct span span)
{
    diag_add(reader->diag, DIAG_ERROR, span, "this relay has that option already");
}

static bool parse_size_option(struct reader *reader, uint64_t *size, uint64_t least, uint64_t most)
{
    size_t from = reader->at;
    struct value value;
    struct span span;

    if (slot_read(reader, SLOT_SIZE, 0, "", &value) != SLOT_FOUND)
        return false;
    span = reader_span(reader, from);
    if (*size != 0)
        diag_add(reader->diag, DIAG_ERROR, span, "this relay has that option already");
    else if (value.range.low != value.range.high || value.range.low < least || value.range.low > most)
        diag_add(reader->diag, DIAG_ERROR, span, "one size stands here, from %" PRIu64 " to %" PRIu64 " bytes", least, most);
    *size = value.range.low;
    return true;
}

static bool parse_proxy_option(struct reader *reader, enum proxy_protocol *proxy)
{
    struct span span = reader_token(reader)->span;

    if (*proxy != PROXY_NONE)
        diag_add(reader->diag, DIAG_ERROR, span, "this relay has that option already");
    if (reader_word(reader, "v1"))
        *proxy = PROXY_V1;
    else if (reader_word(reader, "v2"))
        *proxy = PROXY_V2;
    else
        return false;
    return true;
}

/* Marks where an option stands, once. */
static void mark(struct reader *reader, struct span *place, size_t from)
{
    struct span span = reader_span(reader, from);

    if (place->source)
        is_there_already(reader, span);
    *place = span;
}

/* "tls" [ "to" side ] */
static bool parse_tls(struct reader *reader, struct draft_relay *relay, size_t from)
{
    const struct token *token = reader_token(reader), *ahead = reader_ahead(reader, 1);
    struct value side = { .side = SIDE_CLIENT };
    bool to_one = reader_word(reader, "to");

    if (!to_one && (token_is(token, "server") || (token_is(token, "client") && !token_is(ahead, "certificate")))) {
        reader_wrong(reader, token->span, "write `tls to %.*s`", (int)token->span.length, token_text(token));
        return false;
    }
    if (to_one && slot_read(reader, SLOT_SIDE, 0, "", &side) != SLOT_FOUND)
        return false;
    if (relay->spec.tls[side.side] || (!to_one && relay->spec.tls[SIDE_SERVER]))
        is_there_already(reader, reader_span(reader, from));
    relay->spec.tls[side.side] = true;
    relay->spec.tls[SIDE_SERVER] |= !to_one;
    return true;
}

/* STRING, which names a file or is handed to OpenSSL: no NUL in it */
static bool parse_string(struct reader *reader, const char **string)
{
    struct span span = reader_token(reader)->span;
    struct value value;

    if (slot_read(reader, SLOT_STRING, 0, "", &value) != SLOT_FOUND)
        return false;
    if (value.string.length == 0 || strlen(value.string.bytes) != value.string.length)
        diag_add(reader->diag, DIAG_ERROR, span, "no such name can be");
    *string = value.string.bytes;
    return true;
}

/* "trust" ( STRING | "anyone" ) */
static bool parse_trust(struct reader *reader, struct draft_relay *relay, size_t from)
{
    relay->spec.trust_anyone = reader_word(reader, "anyone");
    if (!relay->spec.trust_anyone && !parse_string(reader, &relay->spec.trust))
        return false;
    mark(reader, &relay->trust_span, from);
    return true;
}

/* "certificate" STRING "key" STRING */
static bool parse_certificate(struct reader *reader, const char **certificate, const char **key, struct span *span, size_t from)
{
    if (!parse_string(reader, certificate) || !reader_word(reader, "key") || !parse_string(reader, key))
        return false;
    mark(reader, span, from);
    return true;
}

/* "version" ( "1.0" | "1.1" | "1.2" | "1.3" ) */
static bool parse_version(struct reader *reader, struct draft_relay *relay, size_t from)
{
    for (const struct name *version = names_versions; version->name; version++) {
        if (reader_word(reader, version->name)) {
            relay->spec.has_version = true;
            relay->spec.version = (enum tls_version)version->value;
            mark(reader, &relay->version_span, from);
            return true;
        }
    }
    return false;
}

static bool parse_tls_option(struct reader *reader, struct draft_relay *relay, size_t from)
{
    struct relay_spec *spec = &relay->spec;

    if (reader_word(reader, "tls"))
        return parse_tls(reader, relay, from);
    if (reader_word(reader, "trust"))
        return parse_trust(reader, relay, from);
    if (reader_word(reader, "certificate"))
        return parse_certificate(reader, &spec->certificate, &spec->key, &relay->certificate_span, from);
    if (reader_word(reader, "client"))
        return reader_word(reader, "certificate") &&
               parse_certificate(reader, &spec->client_certificate, &spec->client_key, &relay->client_certificate_span, from);
    if (reader_word(reader, "version"))
        return parse_version(reader, relay, from);
    if (!reader_word(reader, "ciphers") || !parse_string(reader, &spec->ciphers))
        return false;
    mark(reader, &relay->ciphers_span, from);
    return true;
}

/* option = "window" SIZE | "segments" SIZE | "acks" "late" | "proxy" ( "v1" | "v2" ) | "tls" [ "to" side ] | … */
bool option_parse(struct reader *reader, struct draft_relay *relay)
{
    size_t from = reader->at;

    reader_label(reader, "an option of the relay, or `}`");
    reader_token(reader)->role = ROLE_CLAUSE;
    if (reader_word(reader, "window"))
        return parse_size_option(reader, &relay->spec.window, 1, INT32_MAX / 2);
    if (reader_word(reader, "segments"))
        return parse_size_option(reader, &relay->spec.segments, SEGMENTS_LEAST, SEGMENTS_MOST);
    if (reader_word(reader, "acks"))
        return relay->spec.late_acks = reader_word(reader, "late");
    if (reader_word(reader, "proxy"))
        return parse_proxy_option(reader, &relay->spec.proxy);
    return parse_tls_option(reader, relay, from);
}

static void wants(struct diag *diag, struct span span, bool has, const char *what)
{
    if (span.source && !has)
        diag_add(diag, DIAG_ERROR, span, "this goes with %s", what);
}

void option_check(const struct draft_relay *relay, struct diag *diag)
{
    bool client = relay->spec.tls[SIDE_CLIENT], server = relay->spec.tls[SIDE_SERVER];

    wants(diag, relay->trust_span, server, "`tls` or `tls to server`: it is the server's certificate that is trusted or not");
    wants(diag, relay->certificate_span, client,
          "`tls` or `tls to client`: it is shown to clients; what the server is shown is `client certificate`");
    wants(diag, relay->client_certificate_span, server, "`tls` or `tls to server`: it is shown to the server, when that asks for it");
    wants(diag, relay->version_span, client || server, "`tls`");
    wants(diag, relay->ciphers_span, client || server, "`tls`");
}
