/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates, field by field.
 */
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define DAY (24L * 3600)
#define SERIAL_BITS 127 /* RFC 5280, 4.1.2.2: positive, 20 octets at most */

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool well;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    well = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return well;
}

/* Not by text: a name may have any character in it. */
static bool add_name(X509 *certificate, const char *name)
{
    uint8_t address[16];
    int length = inet_pton(AF_INET, name, address) == 1 ? 4 : inet_pton(AF_INET6, name, address) == 1 ? 16 : 0;
    ASN1_STRING *value = length > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *one = GENERAL_NAME_new();
    bool well = value != NULL && names != NULL && one != NULL
        && ASN1_STRING_set(value, length > 0 ? (const void *)address : name, length > 0 ? length : -1) == 1
        && sk_GENERAL_NAME_push(names, one) > 0;

    if (well) {
        GENERAL_NAME_set0_value(one, length > 0 ? GEN_IPADD : GEN_DNS, value);
        well = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    } else {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(one);
    }
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    return well;
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool well = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
        && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;

    BN_free(number);
    return well;
}

static bool set_subject(X509 *certificate, const char *name)
{
    char common[65]; /* RFC 5280, appendix A.1: 64 characters at most */
    X509_NAME *subject = X509_get_subject_name(certificate);

    snprintf(common, sizeof(common), "%s", name);
    return X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8, (const unsigned char *)"hangup", -1, -1, 0) == 1
        && X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common, -1, -1, 0) == 1;
}

static bool set_extensions(X509 *certificate, const struct certificate_plan *plan, X509 *issuer)
{
    if (plan->authority) {
        return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE")
            && add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature")
            && add_extension(certificate, issuer, NID_subject_key_identifier, "hash")
            && add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    }
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE")
        && add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment")
        && add_extension(certificate, issuer, NID_ext_key_usage, plan->server ? "serverAuth" : "clientAuth")
        && add_extension(certificate, issuer, NID_subject_key_identifier, "hash")
        && add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") && add_name(certificate, plan->name);
}

X509 *certificate_make(const struct certificate_plan *plan)
{
    X509 *certificate = X509_new();
    X509 *issuer = plan->issuer != NULL ? plan->issuer : certificate;
    EVP_PKEY *issuer_key = plan->issuer != NULL ? plan->issuer_key : plan->key;

    if (certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate)
        && X509_gmtime_adj(X509_getm_notBefore(certificate), plan->from) != NULL
        && X509_gmtime_adj(X509_getm_notAfter(certificate), plan->to) != NULL && X509_set_pubkey(certificate, plan->key) == 1
        && set_subject(certificate, plan->name) && X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1
        && set_extensions(certificate, plan, issuer)
        && X509_sign(certificate, issuer_key, plan->digest != NULL ? plan->digest : EVP_sha256()) > 0) {
        return certificate;
    }
    X509_free(certificate);
    return NULL;
}

X509 *certificate_authority(const char *name, EVP_PKEY *key)
{
    return certificate_make(&(struct certificate_plan){.name = name, .key = key, .authority = true, .from = -DAY, .to = 3650 * DAY});
}

EVP_PKEY *certificate_key(void)
{
    return EVP_EC_gen("P-256");
}
