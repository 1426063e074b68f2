/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One OCSP response: revoked since yesterday, known since an hour, true for a day.
 */
#include "tls/staple.h"

#include <openssl/ocsp.h>

#define HOUR 3600L
#define DAY (24 * HOUR)

static OCSP_BASICRESP *revoked(const struct authority *authority, X509 *certificate)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), certificate, authority->certificate);
    ASN1_TIME *when = X509_gmtime_adj(NULL, -DAY), *from = X509_gmtime_adj(NULL, -HOUR), *to = X509_gmtime_adj(NULL, DAY);
    bool well = basic != NULL && id != NULL && when != NULL && from != NULL && to != NULL
        && OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_KEYCOMPROMISE, when, from, to) != NULL
        && OCSP_basic_sign(basic, authority->certificate, authority->key, EVP_sha256(), NULL, 0) == 1;

    OCSP_CERTID_free(id);
    ASN1_TIME_free(when);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    if (!well) {
        OCSP_BASICRESP_free(basic);
        basic = NULL;
    }
    return basic;
}

bool staple_revocation(const struct authority *authority, SSL *ssl)
{
    OCSP_BASICRESP *basic = revoked(authority, SSL_get_certificate(ssl));
    OCSP_RESPONSE *response = basic != NULL ? OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic) : NULL;
    unsigned char *bytes = NULL;
    int length = response != NULL ? i2d_OCSP_RESPONSE(response, &bytes) : 0;

    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return length > 0 && SSL_set_tlsext_status_ocsp_resp(ssl, bytes, length) == 1; /* the bytes are OpenSSL's now */
}
