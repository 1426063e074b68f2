/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run needs of TLS, from start to end; stages for new links.
 */
#include "tls/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/link.h"
#include "relay/relay.h"
#include "rules/memory.h"
#include "tls/authority.h"
#include "tls/mint.h"
#include "tls/side.h"
#include "tls/stage.h"
#include "tls/trouble.h"

struct tls {
    struct layer_maker maker;
    const struct ruleset *rules;
    struct mint *mint;
    int keylog;
    struct tls_side (*sides)[2]; /* by relay, and the side they face */
};

bool tls_is_wanted(const struct ruleset *rules)
{
    for (size_t i = 0; i < rules->relay_count; i++) {
        if (rules->relays[i].tls[SIDE_CLIENT] || rules->relays[i].tls[SIDE_SERVER]) {
            return true;
        }
    }
    return false;
}

static struct layer *make_stage(const struct layer_maker *maker, struct end *end)
{
    const struct tls *tls = (const struct tls *)(const void *)maker;
    const struct relay *relay = end->link->relay;

    return relay->spec->tls[end->side] ? tls_stage_new(&tls->sides[relay->index][end->side], end) : NULL;
}

/* As curl and the browsers do: what reads it can decrypt the connections. */
static bool open_keylog(struct tls *tls, char *error, size_t size)
{
    const char *path = getenv("SSLKEYLOGFILE");

    if (path == NULL || path[0] == '\0') {
        return true;
    }
    tls->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (tls->keylog < 0) {
        trouble(error, size, "SSLKEYLOGFILE %s cannot be written: %s", path, strerror(errno));
    }
    return tls->keylog >= 0;
}

static bool init_sides(struct tls *tls, char *error, size_t size)
{
    for (size_t i = 0; i < tls->rules->relay_count; i++) {
        const struct relay_spec *spec = &tls->rules->relays[i];

        for (enum side side = SIDE_CLIENT; side <= SIDE_SERVER; side++) {
            tls->sides[i][side] = (struct tls_side){.spec = spec, .side = side, .mint = tls->mint, .keylog = tls->keylog};
            if (spec->tls[side] && !side_init(&tls->sides[i][side], error, size)) {
                return false;
            }
        }
    }
    return true;
}

struct tls *tls_new(const struct ruleset *rules, char *error, size_t size)
{
    struct tls *tls = xmalloc(sizeof(*tls));

    *tls = (struct tls){.maker = {.make = make_stage}, .rules = rules, .keylog = -1};
    tls->sides = calloc(rules->relay_count + 1, sizeof(*tls->sides));
    if (tls->sides == NULL) {
        abort();
    }
    tls->mint = mint_open(error, size);
    if (tls->mint != NULL && open_keylog(tls, error, size) && init_sides(tls, error, size)) {
        return tls;
    }
    tls_free(tls);
    return NULL;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) {
        return;
    }
    for (size_t i = 0; i < tls->rules->relay_count; i++) {
        side_release(&tls->sides[i][SIDE_CLIENT]);
        side_release(&tls->sides[i][SIDE_SERVER]);
    }
    free(tls->sides);
    mint_close(tls->mint);
    if (tls->keylog >= 0) {
        close(tls->keylog);
    }
    free(tls);
}

const struct layer_maker *tls_layers(const struct tls *tls)
{
    return &tls->maker;
}

char *tls_authority(char *error, size_t size)
{
    struct mint *mint = mint_open(error, size);
    char *path = mint != NULL ? xstrdup(mint_authority(mint)->path) : NULL;

    mint_close(mint);
    return path;
}

const char *tls_client_name(const struct end *end)
{
    return tls_stage_of(end)->wish.name;
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
