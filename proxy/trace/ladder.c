/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ladder of a link: which event goes into which lane, in which direction, under which label.
 */
#include "trace/ladder.h"

#include <inttypes.h>
#include <string.h>

#include "trace/draw.h"

#define LANE 23 /* columns between two lines of the ladder */

enum arrow { ARROW_NONE, ARROW_RIGHT, ARROW_LEFT };

/* Bytes of one direction that nothing came between. */
struct run {
    bool any;
    enum side speaker;
    uint64_t from, to; /* us: of the first and the last of them */
    uint64_t received, delivered;
};

static void lane(FILE *out, enum arrow arrow, const char *label)
{
    char text[LANE + 1];
    memset(text, arrow ? '-' : ' ', LANE);
    text[LANE] = '\0';
    size_t length = strnlen(label, LANE - 4);
    if (length > 0) {
        char *middle = text + (LANE - length) / 2;
        memcpy(middle, label, length);
        middle[-1] = middle[length] = ' ';
    }
    if (arrow == ARROW_RIGHT)
        text[LANE - 1] = '>';
    if (arrow == ARROW_LEFT)
        text[0] = '<';
    draw_text(out, text);
}

static void row_begins(FILE *out, uint64_t time)
{
    fprintf(out, "%5" PRIu64 ".%06" PRIu64 "  |", time / 1000000, time % 1000000);
}

/* An arrow between hangup and one application. */
static void row(FILE *out, const struct record *record, enum side side, bool to_us, const char *label)
{
    bool right = (side == SIDE_CLIENT) == to_us;
    enum arrow arrow = right ? ARROW_RIGHT : ARROW_LEFT;
    row_begins(out, record->time);
    lane(out, side == SIDE_CLIENT ? arrow : ARROW_NONE, side == SIDE_CLIENT ? label : "");
    fputc('|', out);
    lane(out, side == SIDE_SERVER ? arrow : ARROW_NONE, side == SIDE_SERVER ? label : "");
    fputs("|", out);
    if (record->text) {
        fputs("  ", out);
        draw_text(out, record->text);
    }
    if (record->error) {
        fputs("  ", out);
        draw_text(out, record->error);
    }
    if (record->rule && !to_us) {
        fputs("  by ", out);
        draw_text(out, record->rule);
        draw_place(out, record);
    }
    fputc('\n', out);
}

/* Something that did not go over the wire, in the middle; `more` may be NULL. */
static void note(FILE *out, const struct record *record, const char *mark, const char *text, const char *more)
{
    row_begins(out, record->time);
    lane(out, ARROW_NONE, "");
    fputs(mark, out);
    fputc(' ', out);
    draw_text(out, text);
    if (more) {
        fputc(' ', out);
        draw_text(out, more);
    }
    if (record_kind(record) != NOTICE_FINDING)
        draw_place(out, record);
    fputc('\n', out);
}

static void run_ends(FILE *out, struct run *run)
{
    char received[DRAW_BYTES] = "", delivered[DRAW_BYTES] = "";
    if (!run->any)
        return;
    bool from_client = run->speaker == SIDE_CLIENT;
    enum arrow arrow = from_client ? ARROW_RIGHT : ARROW_LEFT;
    if (run->received)
        draw_bytes(received, run->received);
    if (run->delivered)
        draw_bytes(delivered, run->delivered);
    const char *left = from_client ? received : delivered;
    const char *right = from_client ? delivered : received;
    row_begins(out, run->from);
    lane(out, *left ? arrow : ARROW_NONE, left);
    fputc('|', out);
    lane(out, *right ? arrow : ARROW_NONE, right);
    fputc('|', out);
    if (run->to - run->from >= 1000)
        fprintf(out, "  until %" PRIu64 ".%06" PRIu64, run->to / 1000000, run->to % 1000000);
    fputc('\n', out);
    run->any = false;
}

static void run_goes_on(FILE *out, struct run *run, const struct record *record, bool received)
{
    enum side side = record_is_of(record, SIDE_CLIENT) ? SIDE_CLIENT : SIDE_SERVER;
    enum side other = side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
    enum side speaker = received ? side : other;
    if (run->any && run->speaker != speaker)
        run_ends(out, run);
    if (!run->any)
        *run = (struct run){.any = true, .speaker = speaker, .from = record->time};
    run->to = record->time;
    run->received += received ? record->bytes : 0;
    run->delivered += received ? 0 : record->bytes;
}

static const char *step_or_rule(const struct record *record)
{
    return record->step ? record->step : record->rule ? record->rule : "";
}

static void draw(FILE *out, const struct record *record, enum notice_kind kind)
{
    enum side side = record_is_of(record, SIDE_SERVER) ? SIDE_SERVER : SIDE_CLIENT;
    bool client = side == SIDE_CLIENT;
    switch (kind) {
    case NOTICE_OPENED: row(out, record, SIDE_CLIENT, true, "connects"); break;
    case NOTICE_ACCEPTED: row(out, record, SIDE_CLIENT, false, "is accepted"); break;
    case NOTICE_TURNED_AWAY: row(out, record, SIDE_CLIENT, false, "turned away"); break;
    case NOTICE_GAVE_UP: row(out, record, side, true, "gives up"); break;
    case NOTICE_DIALLING: row(out, record, SIDE_SERVER, false, "connect"); break;
    case NOTICE_CONNECTED: row(out, record, SIDE_SERVER, true, "accepts"); break;
    case NOTICE_REFUSED: row(out, record, SIDE_SERVER, true, "refuses"); break;
    case NOTICE_FIN_RECEIVED: row(out, record, side, true, "FIN"); break;
    case NOTICE_FIN_SENT: row(out, record, side, false, "FIN"); break;
    case NOTICE_FIN_ACKED: row(out, record, side, true, "ACK of FIN"); break;
    case NOTICE_RST_RECEIVED: row(out, record, side, true, "RST"); break;
    case NOTICE_RST_SENT: row(out, record, side, false, "RST"); break;
    case NOTICE_HANDSHAKE_DONE: row(out, record, side, true, "TLS handshake"); break;
    case NOTICE_HANDSHAKE_ABORTED:
        note(out, record, "!", client ? "the client gave up TLS's handshake:" : "the server gave up TLS's handshake:", record->text);
        break;
    case NOTICE_TLS_FAILED:
        note(out, record, "!", client ? "TLS with the client failed:" : "TLS with the server failed:", record->text);
        break;
    case NOTICE_TLS_ENDED: note(out, record, "|", client ? "the client ends TLS by" : "the server ends TLS by", record->text); break;
    case NOTICE_NOTIFY_RECEIVED: row(out, record, side, true, "close_notify"); break;
    case NOTICE_NOTIFY_SENT: row(out, record, side, false, "close_notify"); break;
    case NOTICE_ALERT_RECEIVED: row(out, record, side, true, "alert"); break;
    case NOTICE_ALERT_SENT: row(out, record, side, false, "alert"); break;
    case NOTICE_TIMED_OUT:
        note(out, record, "!", client ? "the client no longer answers:" : "the server no longer answers:", record->error);
        break;
    case NOTICE_CLOSED_ON: note(out, record, "*", client ? "closed on the client" : "closed on the server", NULL); break;
    case NOTICE_BUFFER_FULL: note(out, record, "!", "the buffer is full of what is said by the", client ? "client" : "server"); break;
    case NOTICE_STATE: note(out, record, ":", client ? "the client is in" : "the server is in", record->text); break;
    case NOTICE_SPINNING: note(out, record, "!", record->text ? record->text : record->what, NULL); break;
    case NOTICE_OVERLOOKED: note(out, record, "!", "nobody looks at the socket of the", client ? "client" : "server"); break;
    case NOTICE_CLOSED: note(out, record, "|", "the connection is over:", record->text); break;
    case NOTICE_RULE_FIRED: note(out, record, "*", step_or_rule(record), "fires"); break;
    case NOTICE_ACTION_STARTED: note(out, record, "*", step_or_rule(record), "begins"); break;
    case NOTICE_ACTION_ENDED: note(out, record, "*", step_or_rule(record), "is over"); break;
    case NOTICE_EXPECTED: note(out, record, "?", step_or_rule(record), NULL); break;
    case NOTICE_TLS_MESSAGE:
    case NOTICE_TLS_RECORD: note(out, record, ":", client ? "the client sends" : "the server sends", record->text); break;
    case NOTICE_FINDING: note(out, record, "=", record->text ? record->text : step_or_rule(record), NULL); break;
    case NOTICE_RECEIVED:
    case NOTICE_DELIVERED: /* the run's */
    case NOTICE_GONE:
    case NOTICE_UNSEEN:
    case NOTICE_ACTION_HAPPENED:
    case NOTICE_DEED_SEEN:
    case NOTICE_DEED_MISSED:
    case NOTICE_DEED_HIDDEN:
    case NOTICE_BYTE_SEEN: /* nothing of it went over the wire, and the finding says it */
    case NOTICE_RELAY_LISTENING:
    case NOTICE_RELAY_PAUSED:
    case NOTICE_RELAY_RESUMED:
    case NOTICE_RELAY_REFUSING:
    case NOTICE_RELAY_REMOVED:
    case NOTICE_RELAY_CLOSED:
    case NOTICE_RELAY_ACCEPTING: break; /* of no link */
    case NOTICE_KINDS: note(out, record, " ", record->what, record->text); break;
    }
}

void ladder_draw(FILE *out, const struct record *records, size_t count)
{
    struct run run = {.any = false};
    if (count == 0)
        return;
    draw_text(out, records[0].relay);
    fprintf(out, " #%" PRIu64 "\n", records[0].link);
    fprintf(out, "%*s%-*s%-*s%s\n", 11, "", LANE + 1, "client", LANE + 1, "hangup", "server");
    for (size_t i = 0; i < count; i++) {
        enum notice_kind kind = record_kind(&records[i]);
        if (kind == NOTICE_RECEIVED || kind == NOTICE_DELIVERED) {
            run_goes_on(out, &run, &records[i], kind == NOTICE_RECEIVED);
            continue;
        }
        run_ends(out, &run);
        draw(out, &records[i], kind);
    }
    run_ends(out, &run);
}
