/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking into TLS for a rule: which deeds the marks of a view mean, and what is told of them.
 */
#include "engine/look.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/instance.h"
#include "rules/memory.h"

/* ---- which rules look ---- */

static bool is_tls_deed(const struct phrase *deed)
{
    int id = deed->row->id;

    return (deed->row->table == ROW_DEED || deed->row->table == ROW_EVENT) && id >= DEED_SENDS_MESSAGE && id <= DEED_ABORTS;
}

static bool is_record_deed(const struct phrase *deed)
{
    return is_tls_deed(deed) && (deed->row->id == DEED_SENDS_RECORD || deed->row->id == DEED_ABOUT_RECORD);
}

static bool event_is(const struct event *event, bool (*is)(const struct phrase *deed))
{
    return event != NULL && is(&event->deed);
}

static bool step_is(const struct step *step, bool (*is)(const struct phrase *deed))
{
    if (step->kind == STEP_ACTION) {
        const struct value *what = phrase_value(&step->action.effect, SLOT_WHAT);

        return (what != NULL && what->flow.what == WHAT_RECORDS) || event_is(step->action.until, is);
    }
    const struct value *deed = phrase_value(&step->expectation.phrase, SLOT_DEED);

    return deed != NULL && is(deed->deed);
}

static bool rule_is(const struct rule *rule, bool (*is)(const struct phrase *deed))
{
    bool any = event_is(rule->event, is);

    for (size_t i = 0; i < rule->step_count && !any; i++) {
        any = step_is(&rule->steps[i], is);
    }
    return any;
}

static bool is_of_hello(const struct selector *selector)
{
    return (selector->phrase.row->traits & ROW_BY_HELLO) != 0;
}

bool look_waits_for_hello(const struct rule *rule)
{
    for (size_t i = 0; i < rule->selector_count; i++) {
        if (is_of_hello(&rule->selectors[i])) {
            return true;
        }
    }
    return false;
}

bool look_is_needed(const struct rule *rule)
{
    return look_waits_for_hello(rule) || rule_is(rule, is_tls_deed);
}

/* ---- its life ---- */

struct look *look_new(struct instance *instance)
{
    struct look *look = xmalloc(sizeof(*look));

    *look = (struct look){.instance = instance, .tells = !instance->among->tls_is_told};
    instance->among->tls_is_told = true;
    look->apart = instance->link->ends[SIDE_CLIENT].layer != NULL || instance->link->ends[SIDE_SERVER].layer != NULL;
    look->tells_records = look->tells && rule_is(instance->rule, is_record_deed);
    for (int speaker = SIDE_CLIENT; speaker <= SIDE_SERVER; speaker++) {
        gate_open(&instance->gates[speaker]);
        if (rule_is(instance->rule, is_record_deed)) {
            outlet_open(&look->outlets[speaker], &instance->link->flows[speaker]);
        }
        if (instance->link->flows[speaker].bytes > 0 || instance->link->ends[speaker].layer != NULL) {
            tls_view_lose(&look->view, (enum side)speaker);
        }
    }
    return look;
}

void look_free(struct look *look)
{
    if (look != NULL) {
        outlet_close(&look->outlets[SIDE_CLIENT]);
        outlet_close(&look->outlets[SIDE_SERVER]);
        tls_view_release(&look->view);
        free(look);
    }
}

/* ---- what passes ---- */

size_t look_reach(const struct look *look, enum side speaker, size_t length)
{
    size_t reach = look == NULL || look->apart ? SIZE_MAX : tls_view_reach(&look->view, speaker);

    return reach < length ? reach : length;
}

static void tell(const struct look *look, enum notice_kind kind, enum side speaker, uint64_t bytes, const char *text)
{
    link_tell(look->instance->link, (struct notice){.kind = kind, .side = speaker, .bytes = bytes, .text = text});
}

static bool is_inferred(const struct tls_reader *reader)
{
    return !reader->clear && reader->records.type == TLS_APPLICATION_DATA;
}

static void tell_message(const struct look *look, enum side speaker, enum tls_message message)
{
    const struct tls_view *view = &look->view;
    const char *name = tls_message_name(message);
    char text[TLS_NAME_SIZE + TLS_PROTOCOLS_SIZE + 64];

    if (message == TLS_CLIENT_HELLO) {
        snprintf(text, sizeof(text), "%s%s%s%s%s", name, view->client_hello.name[0] ? " for " : "", view->client_hello.name,
            view->client_hello.protocols[0] ? ", " : "", view->client_hello.protocols);
    } else if (message == TLS_SERVER_HELLO && view->has_server_hello && view->server_hello.version >= 0x0301) {
        snprintf(text, sizeof(text), "%s, TLS 1.%u", name, view->server_hello.version - 0x0301);
    } else {
        snprintf(text, sizeof(text), "%s%s", name, is_inferred(&view->readers[speaker]) ? ", inferred from its size" : "");
    }
    tell(look, NOTICE_TLS_MESSAGE, speaker, view->readers[speaker].records.number, text);
}

/* "alert bad_certificate" */
static void write_alert(char *text, size_t size, const struct tls_reader *reader, int code)
{
    if (code == TLS_ALERT_HIDDEN) {
        snprintf(text, size, "an encrypted alert%s", is_inferred(reader) ? ", inferred from its size" : "");
    } else if (alert_name((unsigned)code) != NULL) {
        snprintf(text, size, "alert %s", alert_name((unsigned)code));
    } else {
        snprintf(text, size, "alert %d", code);
    }
}

static const char *type_name(enum tls_type type)
{
    switch (type) {
    case TLS_CHANGE_CIPHER_SPEC: return "change_cipher_spec";
    case TLS_ALERT: return "alert";
    case TLS_HANDSHAKE: return "handshake";
    case TLS_APPLICATION_DATA: return "application_data";
    case TLS_HEARTBEAT: return "heartbeat";
    }
    return "";
}

static void tell_ends(const struct look *look, enum side speaker)
{
    const struct tls_reader *reader = &look->view.readers[speaker];
    char text[64];

    for (enum tls_message message = TLS_CLIENT_HELLO; message <= TLS_FINISHED; message++) {
        if (reader->ends.messages & TLS_MESSAGE_BIT(message)) {
            tell_message(look, speaker, message);
        }
    }
    if (reader->ends.alert) {
        write_alert(text, sizeof(text), reader, reader->ends.code);
        tell(look, NOTICE_TLS_MESSAGE, speaker, reader->records.number, text);
    }
    if (reader->ends.record && look->tells_records) {
        snprintf(text, sizeof(text), "record %" PRIu64 ": %s, %zu bytes", reader->records.number, type_name(reader->records.type),
            reader->records.length);
        tell(look, NOTICE_TLS_RECORD, speaker, reader->records.number, text);
    }
}

void look_take(struct look *look, enum side speaker, const uint8_t *bytes, size_t length)
{
    if (look->apart) {
        return;
    }
    tls_view_take(&look->view, speaker, bytes, length);
    if (look->tells) {
        tell_ends(look, speaker);
    }
}

/* ---- what it means ---- */

void look_told_hello(struct look *look, const struct tls_client_hello *hello)
{
    look->view.client_hello = *hello;
    look->view.has_client_hello = true;
}

static bool asks_for(const struct tls_client_hello *hello, const struct selector *selector)
{
    const char *wanted = selector->phrase.values[0].string.bytes;

    return selector->phrase.row->id == SELECT_TLS_NAME ? tls_name_matches(wanted, hello->name)
                                                       : tls_protocols_have(hello->protocols, wanted);
}

bool look_hello_holds(const struct look *look)
{
    const struct rule *rule = look->instance->rule;

    for (size_t i = 0; i < rule->selector_count; i++) {
        const struct selector *selector = &rule->selectors[i];

        if (is_of_hello(selector) && asks_for(&look->view.client_hello, selector) == selector->negated) {
            return false;
        }
    }
    return true;
}

static bool is_alert(const struct watch *watch, const struct tls_mark *mark)
{
    const struct value *wanted = &watch->phrase->values[0];

    return mark->alert && (!wanted->present || (mark->code != TLS_ALERT_HIDDEN && wanted->code == (unsigned)mark->code));
}

static bool is_marked(const struct watch *watch, const struct tls_reader *reader)
{
    const struct tls_mark *mark = watch_holds_back(watch) ? &reader->begins : &reader->ends;
    const struct value *value = &watch->phrase->values[0];

    switch (watch->deed) {
    case DEED_SENDS_MESSAGE:
    case DEED_ABOUT_MESSAGE:
        return (mark->messages & TLS_MESSAGE_BIT(value->word)) != 0;
    case DEED_SENDS_ALERT:
    case DEED_ABOUT_ALERT:
        return is_alert(watch, mark);
    case DEED_SENDS_RECORD:
    case DEED_ABOUT_RECORD:
        return mark->record && reader->records.number == value->range.low;
    case DEED_ABORTS:
        return mark->alert && mark->fatal && !reader->agreed;
    case DEED_SENDS_NOTIFY:
    case DEED_ABOUT_NOTIFY:
    case DEED_CONNECTS:
    case DEED_CONNECTS_TO:
    case DEED_RECONNECTS:
    case DEED_ACCEPTS:
    case DEED_REFUSES:
    case DEED_SENDS_BYTES:
    case DEED_SENDS_TEXT:
    case DEED_SENDS_FIN:
    case DEED_CLOSES:
    case DEED_RESETS:
    case DEED_ABOUT_TO_SEND:
    case DEED_SILENT:
    case DEED_IN_STATE:
    case DEED_SIGNAL:
        break;
    }
    return false;
}

bool look_is_hit(const struct look *look, struct watch *watch, enum side speaker)
{
    const struct tls_reader *reader = &look->view.readers[speaker];

    if (look->apart || watch->purpose == WATCH_SILENCE || !watch_looks(watch, speaker) || !is_marked(watch, reader)) {
        return false;
    }
    watch->hit.start = reader->begins.at;
    if (reader->ends.alert) {
        write_alert(watch->how, sizeof(watch->how), reader, reader->ends.code);
    }
    return true;
}

bool look_is_hidden(const struct look *look, const struct watch *watch, enum side speaker)
{
    const struct tls_mark *ends = &look->view.readers[speaker].ends;

    return !look->apart && watch->deed == DEED_SENDS_ALERT && watch_concerns(watch, speaker) && watch->phrase->values[0].present
        && ends->alert && ends->code == TLS_ALERT_HIDDEN;
}

bool look_is_over(const struct look *look, const struct watch *watch, enum side speaker)
{
    return !look->apart && watch->deed == DEED_ABORTS && watch_concerns(watch, speaker)
        && (look->view.readers[speaker].ends.messages & TLS_MESSAGE_BIT(TLS_FINISHED)) != 0;
}

bool look_is_abort(const struct look *look, enum side speaker)
{
    const struct tls_view *view = &look->view;

    return !look->apart && !view->readers[speaker].agreed && (view->has_client_hello || !view->readers[SIDE_CLIENT].records.lost);
}

const char *look_not_aborted(const struct look *look, enum side speaker)
{
    if (look->apart || look_is_abort(look, speaker)) {
        return NULL;
    }
    return look->view.readers[speaker].agreed ? "it finished the handshake" : "it does not speak TLS";
}
