/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is minted: certificates that a client who trusts our CA takes for that name, or refuses for just the flaw that was asked for.
 */
#include "tls/mint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls/authority.h"

static char folder[] = "/tmp/hangup-mint.XXXXXX";

static int set_up(void **state)
{
    char error[256];

    if (mkdtemp(folder) == NULL || setenv("XDG_STATE_HOME", folder, 1) < 0) {
        return -1;
    }
    *state = mint_open(error, sizeof(error));
    return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[sizeof(folder) + 16];

    mint_close(*state);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* What a client says of it that wants that name; or a server of a client's, which has no name. */
static int verify(const struct mint *mint, X509 *certificate, const char *name, bool server)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *parameters;
    int error;

    assert_int_equal(X509_STORE_load_file(store, mint_authority(mint)->path), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, certificate, NULL), 1);
    parameters = X509_STORE_CTX_get0_param(context);
    X509_STORE_CTX_set_default(context, server ? "ssl_server" : "ssl_client");
    X509_VERIFY_PARAM_set_auth_level(parameters, 2); /* Debian's */
    if (name != NULL && X509_VERIFY_PARAM_set1_ip_asc(parameters, name) != 1) {
        X509_VERIFY_PARAM_set1_host(parameters, name, 0);
    }
    (void)X509_verify_cert(context);
    error = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return error;
}

static void test_flaws(void **state)
{
    static const struct {
        enum flaw flaw;
        int server, client; /* what is said of it */
    } rows[] = {
        {FLAW_NONE, X509_V_OK, X509_V_OK}, {FLAW_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED},
        {FLAW_FUTURE, X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_NOT_YET_VALID},
        {FLAW_MISNAMED, X509_V_ERR_HOSTNAME_MISMATCH, X509_V_OK},
        {FLAW_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
        {FLAW_UNTRUSTED, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
        {FLAW_INCOMPLETE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
        {FLAW_WEAK, X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_EE_KEY_TOO_SMALL},
        {FLAW_MISUSED, X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_INVALID_PURPOSE},
        {FLAW_REVOKED, X509_V_OK, X509_V_OK}, /* it says so by what is stapled to it */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int server = 0; server <= 1; server++) {
            struct identity identity;

            assert_true(mint_identity(*state, "a.example", server, rows[i].flaw, &identity));
            assert_int_equal(X509_check_private_key(identity.certificate, identity.key), 1);
            assert_string_equal(X509_verify_cert_error_string(verify(*state, identity.certificate, server ? "a.example" : NULL, server)),
                X509_verify_cert_error_string(server ? rows[i].server : rows[i].client));
            identity_release(&identity);
        }
    }
}

static void test_names(void **state)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1", "b.example"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct identity identity, again;

        assert_true(mint_identity(*state, names[i], true, FLAW_NONE, &identity));
        assert_int_equal(verify(*state, identity.certificate, names[i], true), X509_V_OK);
        assert_int_not_equal(verify(*state, identity.certificate, "other.example", true), X509_V_OK);
        assert_true(mint_identity(*state, names[i], true, FLAW_NONE, &again));
        assert_ptr_equal(again.certificate, identity.certificate); /* one is enough */
        identity_release(&identity);
        identity_release(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flaws),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
