/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes, relays and rules as answers.
 */
#include "control/answer.h"

#include "control/control.h"

bool answer_change(struct change *change)
{
    struct call *call = change->context;

    switch (change->outcome) {
    case CHANGE_MADE:
        return true;
    case CHANGE_MISSING:
        call_error(call, 404, "there is no `%s`", change->problem);
        break;
    case CHANGE_EXISTS:
        call_error(call, 409, "there is another `%s` already", change->problem);
        break;
    case CHANGE_WRONG:
        call_problems(call, change->diag);
        break;
    case CHANGE_CANNOT:
        call_error(call, 409, "%s", change->problem);
        break;
    case CHANGE_PART_OF:
        call_error(call, 409, "it came with others, in %s%s%s: change those together",
            change->problem[0] != '\0' ? "the file `" : "what hangup was started with", change->problem,
            change->problem[0] != '\0' ? "`" : "");
        break;
    }
    return false;
}

void answer_nothing(struct change *change)
{
    if (answer_change(change)) {
        call_reply_nothing(change->context, 204);
    }
}

json_t *answer_text(const char *text)
{
    json_t *string = json_string(text);

    return string != NULL ? string : json_string("(not UTF-8)");
}

void answer_set(json_t *object, const char *name, const char *text)
{
    if (text != NULL) {
        json_object_set_new(object, name, answer_text(text));
    }
}

void answer_set_number(json_t *object, const char *name, uint64_t number)
{
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

/* Where it came from: a file's name; NULL: it is one by itself, or hangup was started with it. */
static const char *file_of(const struct part *part)
{
    return part->kind == PART_FILE ? part->name : NULL;
}

bool answer_relay_is_there(struct call *call, const char *name)
{
    struct part *part;

    if (name == NULL || part_list_relay(&control_desk(call->control)->list, name, &part) != NULL) {
        return true;
    }
    call_error(call, 404, "there is no relay `%s`", name);
    return false;
}

json_t *answer_relay(const struct part_relay *relay, const struct part *part)
{
    json_t *object = json_object();

    answer_set(object, "name", relay->spec->name);
    answer_set(object, "listen", relay->text);
    answer_set(object, "server", relay->spec->server.text);
    answer_set(object, "with", part->kind == PART_RELAY ? part->text : NULL);
    json_object_set_new(object, "enabled", json_boolean(relay->enabled));
    answer_set(object, "file", file_of(part));
    return object;
}

json_t *answer_rule(const struct rule *rule, const struct part *part)
{
    json_t *object = json_object();

    answer_set(object, "name", rule->name);
    answer_set(object, "rule", rule->text);
    answer_set(object, "place", rule->place.file);
    answer_set_number(object, "line", rule->place.line);
    answer_set(object, "file", file_of(part));
    answer_set(object, "relay", part->scope.relay);
    if (part->scope.link != 0) {
        answer_set_number(object, "link", part->scope.link);
    }
    return object;
}
