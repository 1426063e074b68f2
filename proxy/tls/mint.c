/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is minted for which name and flaw, and the store of what has been.
 */
#include "tls/mint.h"

#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "rules/memory.h"
#include "tls/authority.h"
#include "tls/certificate.h"
#include "tls/trouble.h"

#define DAY (24L * 3600)
#define LIFE (365 * DAY)
#define STORED_MOST 1000 /* identities; then the store begins anew */
#define WEAK_BITS 1024u

struct stored {
    struct stored *next;
    char *name;
    bool server;
    enum flaw flaw;
    struct identity identity;
};

struct mint {
    struct authority authority;
    EVP_PKEY *key; /* of all that is minted, but for weak ones */
    pthread_mutex_t lock; /* of the store and of OpenSSL objects that are made of one another */
    struct stored *stored;
    size_t count;
};

struct mint *mint_open(char *error, size_t size)
{
    struct mint *mint = xmalloc(sizeof(*mint));

    *mint = (struct mint){.key = certificate_key()};
    pthread_mutex_init(&mint->lock, NULL);
    if (mint->key == NULL) {
        trouble_openssl(error, size, "no key can be made");
    } else if (authority_open(&mint->authority, error, size)) {
        return mint;
    }
    mint_close(mint);
    return NULL;
}

void identity_release(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    *identity = (struct identity){.certificate = NULL};
}

static void forget_stored(struct mint *mint)
{
    while (mint->stored != NULL) {
        struct stored *stored = mint->stored;

        mint->stored = stored->next;
        identity_release(&stored->identity);
        free(stored->name);
        free(stored);
    }
    mint->count = 0;
}

void mint_close(struct mint *mint)
{
    if (mint == NULL) {
        return;
    }
    forget_stored(mint);
    authority_release(&mint->authority);
    EVP_PKEY_free(mint->key);
    pthread_mutex_destroy(&mint->lock);
    free(mint);
}

const struct authority *mint_authority(const struct mint *mint)
{
    return &mint->authority;
}

/* ---- one certificate ---- */

/* By a CA that nobody has: of the same kind as ours, or an intermediate one that ours has signed and that is not sent. */
static X509 *make_by_another(const struct mint *mint, struct certificate_plan *plan, bool intermediate)
{
    EVP_PKEY *key = certificate_key();
    struct certificate_plan other = {.name = intermediate ? "hangup intermediate CA" : "a CA that nobody knows", .key = key,
        .authority = true, .from = -DAY, .to = LIFE};
    X509 *authority, *certificate = NULL;

    if (intermediate) {
        other.issuer = mint->authority.certificate;
        other.issuer_key = mint->authority.key;
    }
    authority = key != NULL ? certificate_make(&other) : NULL;
    if (authority != NULL) {
        plan->issuer = authority;
        plan->issuer_key = key;
        certificate = certificate_make(plan);
    }
    X509_free(authority);
    EVP_PKEY_free(key);
    return certificate;
}

static X509 *make_flawed(const struct mint *mint, struct certificate_plan *plan, enum flaw flaw)
{
    switch (flaw) {
    case FLAW_EXPIRED:
        plan->from = -LIFE;
        plan->to = -DAY;
        break;
    case FLAW_FUTURE: plan->from = DAY; break;
    case FLAW_MISNAMED: plan->name = "misnamed.invalid"; break;
    case FLAW_SELF_SIGNED: plan->issuer = NULL; break;
    case FLAW_UNTRUSTED: return make_by_another(mint, plan, false);
    case FLAW_INCOMPLETE: return make_by_another(mint, plan, true);
    case FLAW_WEAK: plan->digest = EVP_sha1(); break;
    case FLAW_MISUSED: plan->server = !plan->server; break;
    case FLAW_REVOKED: /* the certificate itself is well: what is stapled to it says so */
    case FLAW_NONE: break;
    }
    return certificate_make(plan);
}

static bool make_identity(const struct mint *mint, const char *name, bool server, enum flaw flaw, struct identity *identity)
{
    struct certificate_plan plan = {.name = name, .issuer = mint->authority.certificate, .issuer_key = mint->authority.key,
        .server = server, .from = -DAY, .to = LIFE};

    *identity = (struct identity){.key = flaw == FLAW_WEAK ? EVP_RSA_gen(WEAK_BITS) : mint->key};
    if (identity->key == NULL) {
        return false;
    }
    if (flaw != FLAW_WEAK) {
        EVP_PKEY_up_ref(identity->key);
    }
    plan.key = identity->key;
    identity->certificate = make_flawed(mint, &plan, flaw);
    if (identity->certificate == NULL) {
        identity_release(identity);
        return false;
    }
    return true;
}

/* ---- the store ---- */

static struct stored *find(const struct mint *mint, const char *name, bool server, enum flaw flaw)
{
    struct stored *stored = mint->stored;

    while (stored != NULL && (stored->server != server || stored->flaw != flaw || strcmp(stored->name, name) != 0)) {
        stored = stored->next;
    }
    return stored;
}

static struct stored *add(struct mint *mint, const char *name, bool server, enum flaw flaw)
{
    struct identity identity;
    struct stored *stored;

    if (!make_identity(mint, name, server, flaw, &identity)) {
        return NULL;
    }
    if (mint->count++ == STORED_MOST) {
        forget_stored(mint);
        mint->count = 1;
    }
    stored = xmalloc(sizeof(*stored));
    *stored = (struct stored){
        .next = mint->stored, .name = xstrdup(name), .server = server, .flaw = flaw, .identity = identity};
    mint->stored = stored;
    return stored;
}

bool mint_identity(struct mint *mint, const char *name, bool server, enum flaw flaw, struct identity *identity)
{
    struct stored *stored;

    pthread_mutex_lock(&mint->lock);
    stored = find(mint, name, server, flaw);
    if (stored == NULL) {
        stored = add(mint, name, server, flaw);
    }
    if (stored != NULL) {
        *identity = stored->identity;
        X509_up_ref(identity->certificate);
        EVP_PKEY_up_ref(identity->key);
    }
    pthread_mutex_unlock(&mint->lock);
    return stored != NULL;
}
