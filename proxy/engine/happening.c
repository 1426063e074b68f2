/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which watches a happening concerns, and in which order they see it.
 */
#include "engine/happening.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/engine.h"
#include "engine/watch.h"
#include "tls/view.h"

static bool watch_sees(const struct watch *watch, const struct happening *happening)
{
    if (watch->purpose == WATCH_SILENCE || watch->deed != happening->deed) {
        return false;
    }
    switch (happening->deed) {
    case DEED_SIGNAL:
        return strcasecmp(watch->phrase->values[0].name, happening->signal) == 0;
    case DEED_IN_STATE:
        return watch_concerns(watch, happening->side) && watch->phrase->values[0].state == happening->state;
    case DEED_CONNECTS_TO:
        return watch_concerns(watch, happening->side) && strcmp(watch->phrase->values[0].name, happening->relay) == 0;
    case DEED_CONNECTS:
    case DEED_RECONNECTS:
    case DEED_ACCEPTS:
    case DEED_REFUSES:
    case DEED_ABORTS:
        return watch_concerns(watch, happening->side);
    case DEED_SENDS_MESSAGE:
    case DEED_ABOUT_MESSAGE:
        return watch_concerns(watch, happening->side)
            && tls_message_is(happening->text, (enum tls_message)watch->phrase->values[0].word);
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_FIN:
    case DEED_CLOSES:
    case DEED_RESETS:
    case DEED_ABOUT_TO_SEND:
    case DEED_SILENT:
    case DEED_SENDS_ALERT:
    case DEED_SENDS_RECORD:
    case DEED_ABOUT_ALERT:
    case DEED_ABOUT_RECORD:
    case DEED_SENDS_NOTIFY:
    case DEED_ABOUT_NOTIFY:
        break;
    }
    return false;
}

static struct watch *find_watch(struct instance *instance, const struct happening *happening, bool own_event)
{
    struct watch *watch = instance->watches;

    while (watch != NULL && ((watch == instance->event) != own_event || watch->purpose == WATCH_DEED || !watch_sees(watch, happening))) {
        watch = watch->next;
    }
    return watch;
}

/* Of TLS that the relay ends itself, it is the engine that tells the judge; all else the judge hears by itself. */
static void show_expectations(struct instance *instance, const struct happening *happening)
{
    for (struct watch *watch = instance->watches; watch != NULL; watch = watch->next) {
        if (watch->purpose == WATCH_DEED && happening->text != NULL && watch_sees(watch, happening)) {
            if (happening->deed == DEED_ABORTS) {
                bool by_tcp = strcmp(happening->text, "FIN") == 0 || strcmp(happening->text, "RST") == 0;

                snprintf(watch->how, sizeof(watch->how), "%s %s", by_tcp ? "by its" : "alert", happening->text);
            }
            instance_hit(instance, watch);
        }
    }
}

/* First it ends what waits for it, then it is the rule's own event: a hit may free any watch, so each is looked for anew. */
static void show_instance(struct instance *instance, const struct happening *happening)
{
    show_expectations(instance, happening);
    for (int own_event = 0; own_event <= 1; own_event++) {
        struct watch *watch = find_watch(instance, happening, own_event);

        if (watch != NULL) {
            instance_hit(instance, watch);
        }
    }
}

void happening_show(const struct happening *happening, struct link *link)
{
    if (link->rules == NULL) {
        return;
    }
    link_cork(link);
    for (struct instance *instance = link->rules->first; instance != NULL; instance = instance->next) {
        show_instance(instance, happening);
    }
    link_uncork(link);
    link_again(link);
}
