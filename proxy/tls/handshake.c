/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two handshakes in step, and what each takes from the other.
 */
#include "tls/handshake.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/address.h"
#include "relay/link.h"
#include "tls/side.h"
#include "tls/stage.h"
#include "tls/staple.h"
#include "tls/trouble.h"

/* ---- towards the client ---- */

/* The name that the certificate is to have: the one asked for, else the server's as the relay knows it, if it is one. */
static const char *name_for_client(const struct tls_stage *stage, char *text, size_t size)
{
    const struct address *server = &stage->config->spec->server;
    struct sockaddr_storage own = {0};
    socklen_t length = sizeof(own);
    const uint8_t *host;

    if (stage->wish.name[0] != '\0') {
        return stage->wish.name;
    }
    /* Who asks for no name has an address only, and it is ours that it knows. */
    if (getsockname(stage->layer.end->stream.fd, (struct sockaddr *)&own, &length) == 0) {
        size_t bytes = address_host(&own, &host);

        if (bytes > 0 && inet_ntop(bytes == 4 ? AF_INET : AF_INET6, host, text, (socklen_t)size) != NULL) {
            return text;
        }
    }
    return server->kind == ADDRESS_UNIX ? "localhost" : server->host;
}

static bool show_certificate(struct tls_stage *stage)
{
    enum flaw flaw = stage->flaw > 0 ? (enum flaw)(stage->flaw - 1) : FLAW_NONE;
    char text[64];
    struct identity identity;
    bool well;

    if (flaw == FLAW_NONE && stage->config->spec->certificate != NULL) {
        return true; /* the context has it */
    }
    if (!mint_identity(stage->config->mint, name_for_client(stage, text, sizeof(text)), true, flaw, &identity)) {
        return false;
    }
    if (flaw == FLAW_WEAK) {
        SSL_set_security_level(stage->ssl, 0);
    }
    well = SSL_use_cert_and_key(stage->ssl, identity.certificate, identity.key, NULL, 1) == 1;
    identity_release(&identity);
    return well;
}

/* No session of another context is taken up. */
static void refuse_resumption(SSL *ssl)
{
    SSL_set_session_id_context(ssl, (const unsigned char *)"none", 4);
}

/* The new session is one as any: a later connection may resume it. */
static void allow_resumption(const struct tls_stage *stage)
{
    SSL_SESSION *session = SSL_get_session(stage->ssl);

    if (stage->refuses_resumption && session != NULL) {
        SSL_SESSION_set1_id_context(session, (const unsigned char *)SIDE_SESSIONS, strlen(SIDE_SESSIONS));
    }
}

/* Whoever signed it: it is the application that is tested. */
static int take_any(int well, X509_STORE_CTX *store)
{
    (void)well;
    (void)store;
    return 1;
}

/* Its handshake waits until its hello has been told of, since rules may want to change what comes of it, and until the server's is over;
 * what the server ended by an alert, this one will. */
static int on_client_hello(SSL *ssl, int *alert, void *argument)
{
    struct tls_stage *stage = tls_stage_of_ssl(ssl);
    struct tls_stage *server = tls_stage_other(stage);
    bool first = !stage->wish.seen;

    (void)argument;
    wish_read(&stage->wish, ssl);
    if (first) {
        link_wake(stage->layer.end->link, SIDE_SERVER);
    }
    if (first || (server != NULL && !server->done && server->layer.end->state != END_GONE)) {
        return SSL_CLIENT_HELLO_RETRY;
    }
    if (stage->refuses_resumption) {
        refuse_resumption(ssl);
    }
    if (stage->requests_certificate) {
        SSL_set_verify(ssl, SSL_VERIFY_PEER, take_any);
    }
    if (!show_certificate(stage)) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* The server's choice is the client's, if the client has asked for it. */
static int on_protocols(
    SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length, const unsigned char *offered, unsigned length, void *argument)
{
    const struct tls_stage *server = tls_stage_other(tls_stage_of_ssl(ssl));
    const unsigned char *protocol = NULL;
    unsigned protocol_length = 0;

    (void)argument;
    if (server != NULL) {
        SSL_get0_alpn_selected(server->ssl, &protocol, &protocol_length);
    }
    for (unsigned at = 0; protocol_length > 0 && at < length; at += offered[at] + 1u) {
        if (offered[at] == protocol_length && memcmp(offered + at + 1, protocol, protocol_length) == 0) {
            *chosen = offered + at + 1;
            *chosen_length = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

static int on_status_request(SSL *ssl, void *argument)
{
    const struct tls_stage *stage = tls_stage_of_ssl(ssl);

    (void)argument;
    if (stage->flaw != FLAW_REVOKED + 1u || !staple_revocation(mint_authority(stage->config->mint), ssl)) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

/* ---- towards the server ---- */

/* Only if it asks. The name is the client's, who has none here. */
static void show_flawed_certificate(const struct tls_stage *stage)
{
    struct identity identity;

    if (!mint_identity(stage->config->mint, "client", false, (enum flaw)(stage->flaw - 1), &identity)) {
        return;
    }
    SSL_set_security_level(stage->ssl, 0);
    SSL_use_cert_and_key(stage->ssl, identity.certificate, identity.key, NULL, 1);
    identity_release(&identity);
}

static void expect_name(SSL *ssl, const char *name)
{
    uint8_t address[16];

    if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    } else {
        SSL_set1_host(ssl, name);
    }
}

static void greet(struct tls_stage *stage, const struct tls_stage *client)
{
    const struct address *server = &stage->config->spec->server;
    bool asked = client != NULL && client->wish.name[0] != '\0';

    stage->greeted = true;
    if (client != NULL) {
        wish_ask(&client->wish, stage->ssl);
    } else if (server->kind == ADDRESS_NAME) {
        SSL_set_tlsext_host_name(stage->ssl, (char *)(uintptr_t)server->host);
    }
    if (stage->flaw > 0) {
        show_flawed_certificate(stage);
    }
    if (asked || server->kind != ADDRESS_UNIX) {
        expect_name(stage->ssl, asked ? client->wish.name : server->host);
    }
}

/* ---- both ---- */

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls_stage *stage = tls_stage_of_ssl(ssl);
    unsigned level = (unsigned)value >> 8, alert = (unsigned)value & 0xff;

    /* TLS 1.3 knows no warnings but close_notify and user_canceled (RFC 8446, 6). */
    if ((where & SSL_CB_ALERT) == 0 || alert == SSL_AD_CLOSE_NOTIFY || level != SSL3_AL_FATAL) {
        return;
    }
    if ((where & SSL_CB_READ) != 0) {
        stage->read_alert = alert + 1;
    } else {
        stage->written_alert = alert + 1;
    }
}

/* A server that wants another client hello says so in a server hello with a random of this beginning (RFC 8446, 4.1.3). */
static bool is_retry(const uint8_t *bytes, size_t length)
{
    static const uint8_t random[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11};

    return length >= 6 + sizeof(random) && memcmp(bytes + 6, random, sizeof(random)) == 0;
}

/* An application that has none says so by an empty list: RFC 8446, 4.4.2, with its context's length in front; RFC 5246, 7.4.6, without. */
static bool is_empty(size_t length)
{
    return length <= 4 + 1 + 3;
}

/* Rules may act on it, and call OpenSSL: not before its own call has returned. */
static void note_heard(struct tls_stage *stage, const uint8_t *bytes, size_t length)
{
    enum tls_message message;

    switch (length > 0 && stage->heard_count < HEARD_MOST ? bytes[0] : -1) {
    case SSL3_MT_CLIENT_HELLO: message = TLS_CLIENT_HELLO; break;
    case SSL3_MT_CERTIFICATE:
        if (is_empty(length)) {
            return;
        }
        message = TLS_CERTIFICATE;
        break;
    case SSL3_MT_FINISHED: message = TLS_FINISHED; break;
    case SSL3_MT_SERVER_HELLO:
        if (is_retry(bytes, length)) {
            return;
        }
        message = TLS_SERVER_HELLO;
        break;
    default: return; /* not an enum: numbers of TLS's */
    }
    stage->heard[stage->heard_count++] = message;
}

static void on_message(int written, int version, int type, const void *bytes, size_t length, SSL *ssl, void *argument)
{
    struct tls_stage *stage = tls_stage_of_ssl(ssl);

    (void)version;
    (void)argument;
    if (written == 0 && type == SSL3_RT_HANDSHAKE) {
        note_heard(stage, bytes, length);
    } else if (written != 0 && type == SSL3_RT_HEADER) {
        seal_count(&stage->seal, bytes, length);
    }
}

static void on_keys(const SSL *ssl, const char *line)
{
    struct tls_stage *stage = tls_stage_of_ssl(ssl);
    size_t length = strlen(line);
    char *whole;

    seal_key_line(&stage->seal, ssl, line);
    if (stage->config->keylog >= 0) { /* one write a line: several threads and programs append to it */
        whole = malloc(length + 2);
        if (whole == NULL) {
            abort();
        }
        snprintf(whole, length + 2, "%s\n", line);
        (void)!write(stage->config->keylog, whole, length + 1);
        free(whole);
    }
}

void handshake_set_callbacks(struct tls_side *side)
{
    SSL_CTX_set_info_callback(side->context, on_info);
    SSL_CTX_set_msg_callback(side->context, on_message);
    SSL_CTX_set_keylog_callback(side->context, on_keys);
    if (side->side == SIDE_CLIENT) {
        SSL_CTX_set_client_hello_cb(side->context, on_client_hello, NULL);
        SSL_CTX_set_alpn_select_cb(side->context, on_protocols, NULL);
        SSL_CTX_set_tlsext_status_cb(side->context, on_status_request);
    }
}

void handshake_prepare(struct tls_stage *stage)
{
    stage->ssl = SSL_new(stage->config->context);
    if (stage->ssl == NULL || SSL_set_app_data(stage->ssl, stage) != 1) {
        abort();
    }
    if (stage->config->side == SIDE_CLIENT) {
        SSL_set_accept_state(stage->ssl);
    } else {
        SSL_set_connect_state(stage->ssl);
    }
}

enum handshake_state handshake_go(struct tls_stage *stage)
{
    int result;

    if (stage->config->side == SIDE_SERVER && !stage->greeted) {
        const struct tls_stage *client = tls_stage_other(stage);

        if (client != NULL && !client->wish.seen) {
            return HANDSHAKE_WAITS;
        }
        greet(stage, client);
    }
    ERR_clear_error();
    result = SSL_do_handshake(stage->ssl);
    allow_resumption(stage);
    if (result == 1) {
        return HANDSHAKE_DONE;
    }
    switch (SSL_get_error(stage->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: return HANDSHAKE_WAITS;
    default: return HANDSHAKE_FAILED; /* not an enum: numbers of OpenSSL's */
    }
}

const char *handshake_reason(const struct tls_stage *stage)
{
    long verified = SSL_get_verify_result(stage->ssl);

    if (stage->config->side == SIDE_SERVER && verified != X509_V_OK && !stage->config->spec->trust_anyone) {
        ERR_clear_error();
        return X509_verify_cert_error_string(verified);
    }
    return trouble_reason();
}

/* ", asked for a certificate: CN = alice" */
static void describe_certificate(const struct tls_stage *stage, BIO *out)
{
    X509 *certificate = SSL_get0_peer_certificate(stage->ssl);

    BIO_puts(out, ", asked for a certificate: ");
    if (certificate != NULL) {
        X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
    } else {
        BIO_puts(out, "none");
    }
}

void handshake_describe(const struct tls_stage *stage, char *text, int size)
{
    const unsigned char *protocol = NULL;
    unsigned length = 0;
    BIO *out = BIO_new(BIO_s_mem());
    int written;

    if (out == NULL) {
        abort();
    }
    SSL_get0_alpn_selected(stage->ssl, &protocol, &length);
    BIO_printf(out, "%s %s%s%.*s", SSL_get_version(stage->ssl), SSL_get_cipher_name(stage->ssl), length > 0 ? " " : "", (int)length,
        length > 0 ? (const char *)protocol : "");
    if (SSL_session_reused(stage->ssl)) {
        BIO_puts(out, ", resumed");
    } else if (stage->refuses_resumption && stage->wish.offers_session) {
        BIO_puts(out, ", resumption refused");
    }
    if (stage->requests_certificate) {
        describe_certificate(stage, out);
    }
    written = BIO_read(out, text, size - 1);
    text[written > 0 ? written : 0] = '\0';
    BIO_free(out);
}
