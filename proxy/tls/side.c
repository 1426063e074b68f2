/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenSSL's contexts out of relay blocks. What happens in a handshake is handshake.c's.
 */
#include "tls/side.h"

#include <string.h>

#include "tls/handshake.h"
#include "tls/trouble.h"

static int version_of(enum tls_version version)
{
    static const int versions[] = {[VERSION_1_0] = TLS1_VERSION, [VERSION_1_1] = TLS1_1_VERSION, [VERSION_1_2] = TLS1_2_VERSION,
        [VERSION_1_3] = TLS1_3_VERSION};

    return versions[version];
}

/* What a user asks for by name, however weak, is had: it is an application that is tested. */
static bool set_versions(struct tls_side *side)
{
    const struct relay_spec *spec = side->spec;
    enum tls_version least = spec->has_version ? spec->version : VERSION_1_2, most = spec->has_version ? spec->version : VERSION_1_3;

    if (least < VERSION_1_2 || spec->ciphers != NULL) {
        SSL_CTX_set_security_level(side->context, 0);
    }
    return SSL_CTX_set_min_proto_version(side->context, version_of(least)) == 1
        && SSL_CTX_set_max_proto_version(side->context, version_of(most)) == 1;
}

/* One list for both: names that begin with TLS_ are those of TLS 1.3, and where there are none of a kind the others stand alone. */
static bool set_ciphers(struct tls_side *side)
{
    const char *list = side->spec->ciphers;

    if (list == NULL) {
        return true;
    }
    if (strncmp(list, "TLS_", 4) == 0) {
        return SSL_CTX_set_ciphersuites(side->context, list) == 1;
    }
    return SSL_CTX_set_cipher_list(side->context, list) == 1;
}

static bool use_files(struct tls_side *side, const char *certificate, const char *key, char *error, size_t size)
{
    if (SSL_CTX_use_certificate_chain_file(side->context, certificate) != 1) {
        trouble_openssl(error, size, "relay %s: the certificate %s cannot be read", side->spec->name, certificate);
    } else if (SSL_CTX_use_PrivateKey_file(side->context, key, SSL_FILETYPE_PEM) != 1) {
        trouble_openssl(error, size, "relay %s: the key %s cannot be used with %s", side->spec->name, key, certificate);
    } else {
        return true;
    }
    return false;
}

static bool init_towards_client(struct tls_side *side, char *error, size_t size)
{
    const struct relay_spec *spec = side->spec;

    SSL_CTX_set_session_id_context(side->context, (const unsigned char *)SIDE_SESSIONS, strlen(SIDE_SESSIONS));
    SSL_CTX_set_dh_auto(side->context, 1);
    return spec->certificate == NULL || use_files(side, spec->certificate, spec->key, error, size);
}

static bool set_trust(struct tls_side *side, char *error, size_t size)
{
    const char *trust = side->spec->trust;

    if (side->spec->trust_anyone) {
        SSL_CTX_set_verify(side->context, SSL_VERIFY_NONE, NULL);
        return true;
    }
    SSL_CTX_set_verify(side->context, SSL_VERIFY_PEER, NULL);
    if (trust == NULL) {
        return SSL_CTX_set_default_verify_paths(side->context) == 1;
    }
    if (SSL_CTX_load_verify_file(side->context, trust) != 1) {
        trouble_openssl(error, size, "relay %s: the certificates to trust, %s, cannot be read", side->spec->name, trust);
        return false;
    }
    return true;
}

static bool init_towards_server(struct tls_side *side, char *error, size_t size)
{
    const struct relay_spec *spec = side->spec;

    return set_trust(side, error, size)
        && (spec->client_certificate == NULL || use_files(side, spec->client_certificate, spec->client_key, error, size));
}

bool side_init(struct tls_side *side, char *error, size_t size)
{
    bool client = side->side == SIDE_CLIENT;

    side->context = SSL_CTX_new(client ? TLS_server_method() : TLS_client_method());
    if (side->context == NULL || !set_versions(side)) {
        trouble_openssl(error, size, "relay %s: no TLS", side->spec->name);
        return false;
    }
    if (!set_ciphers(side)) {
        trouble_openssl(error, size, "relay %s: ciphers %s", side->spec->name, side->spec->ciphers);
        return false;
    }
    SSL_CTX_set_mode(side->context, SSL_MODE_RELEASE_BUFFERS);
    handshake_set_callbacks(side);
    return client ? init_towards_client(side, error, size) : init_towards_server(side, error, size);
}

void side_release(struct tls_side *side)
{
    SSL_CTX_free(side->context);
    side->context = NULL;
}
