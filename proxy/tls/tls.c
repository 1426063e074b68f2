/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run needs of TLS, what each relay does; stages for new links.
 */
#include "tls/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/end.h"
#include "rules/memory.h"
#include "tls/authority.h"
#include "tls/mint.h"
#include "tls/side.h"
#include "tls/stage.h"
#include "tls/trouble.h"

struct tls {
    struct mint *mint; /* NULL: nothing has been prepared yet */
    int keylog;        /* -1: none is wanted, or nothing has been prepared yet */
};

struct kit {
    struct layer_kit base;
    struct tls_side sides[2]; /* by the side they face; what is not TLS is zeroed */
};

struct tls *tls_new(void)
{
    struct tls *tls = xmalloc(sizeof(*tls));

    *tls = (struct tls){.keylog = -1};
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) {
        return;
    }
    mint_close(tls->mint);
    if (tls->keylog >= 0) {
        close(tls->keylog);
    }
    free(tls);
}

/* As curl and the browsers do: what reads it can decrypt the connections. */
static bool open_keylog(struct tls *tls, char *error, size_t size)
{
    const char *path = getenv("SSLKEYLOGFILE");

    if (tls->keylog >= 0 || path == NULL || path[0] == '\0') {
        return true;
    }
    tls->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (tls->keylog < 0) {
        trouble(error, size, "SSLKEYLOGFILE %s cannot be written: %s", path, strerror(errno));
    }
    return tls->keylog >= 0;
}

static bool open_mint(struct tls *tls, char *error, size_t size)
{
    if (tls->mint == NULL) {
        tls->mint = mint_open(error, size);
    }
    return tls->mint != NULL;
}

/* ---- kits ---- */

static struct layer *make_stage(const struct layer_kit *base, struct end *end)
{
    const struct kit *kit = (const struct kit *)(const void *)base;

    return kit->sides[end->side].context != NULL ? tls_stage_new(&kit->sides[end->side], end) : NULL;
}

static void free_kit(struct layer_kit *base)
{
    struct kit *kit = (struct kit *)(void *)base;

    side_release(&kit->sides[SIDE_CLIENT]);
    side_release(&kit->sides[SIDE_SERVER]);
    free(kit);
}

bool tls_prepare(struct tls *tls, const struct relay_spec *spec, struct layer_kit **made, char *error, size_t size)
{
    struct kit *kit;

    *made = NULL;
    if (!spec->tls[SIDE_CLIENT] && !spec->tls[SIDE_SERVER]) {
        return true;
    }
    if (!open_mint(tls, error, size) || !open_keylog(tls, error, size)) {
        return false;
    }
    kit = xmalloc(sizeof(*kit));
    *kit = (struct kit){.base = {.make = make_stage, .free = free_kit}};
    for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
        kit->sides[side] = (struct tls_side){.spec = spec, .side = side, .mint = tls->mint, .keylog = tls->keylog};
        if (spec->tls[side] && !side_init(&kit->sides[side], error, size)) {
            free_kit(&kit->base);
            return false;
        }
    }
    *made = &kit->base;
    return true;
}

/* ---- for others ---- */

char *tls_authority(char *error, size_t size)
{
    struct mint *mint = mint_open(error, size);
    char *path = mint != NULL ? xstrdup(mint_authority(mint)->path) : NULL;

    mint_close(mint);
    return path;
}

void tls_hello_of_client(const struct end *end, struct tls_client_hello *hello)
{
    const struct tls_stage *stage = tls_stage_of(end);

    _Static_assert(sizeof(hello->name) == sizeof(stage->wish.name), "both hold a host name");
    *hello = (struct tls_client_hello){.early_data = false};
    if (stage != NULL) {
        memcpy(hello->name, stage->wish.name, sizeof(stage->wish.name));
        (void)tls_protocols_read(hello, stage->wish.protocols, stage->wish.protocols_length);
    }
}

bool tls_flaw_certificate(struct end *end, unsigned kind)
{
    struct tls_stage *stage = tls_stage_of(end);

    if (stage != NULL) {
        stage->flaw = kind + 1;
    }
    return stage != NULL;
}

bool tls_updates_keys(const struct end *end)
{
    const struct tls_stage *stage = tls_stage_of(end);

    return stage != NULL && (!stage->done || SSL_version(stage->ssl) == TLS1_3_VERSION);
}

bool tls_refuse_resumption(struct end *end)
{
    struct tls_stage *stage = tls_stage_of(end);

    if (stage != NULL) {
        stage->refuses_resumption = true;
    }
    return stage != NULL;
}

/* Who resumes is not asked again (RFC 8446, 4.3.2). */
bool tls_request_certificate(struct end *end)
{
    bool well = tls_refuse_resumption(end);

    if (well) {
        tls_stage_of(end)->requests_certificate = true;
    }
    return well;
}
