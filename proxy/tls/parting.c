/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endings of TLS as they become known: told, and put into the flow.
 */
#include "tls/parting.h"

#include "relay/link.h"
#include "tls/alert.h"
#include "tls/stage.h"

static struct flow *flow_of(const struct tls_stage *stage)
{
    return &stage->layer.end->link->flows[stage->layer.end->side];
}

/* It is the application that ends it, unless we have begun with that. */
static void tell_abort(struct tls_stage *stage, const char *how)
{
    const struct end *end = stage->layer.end;

    if (!stage->done && !stage->abort_told && !stage->broken && !end->fin_sent && !end->alert_due && !end->closed_on) {
        stage->abort_told = true;
        tls_stage_tell(stage, NOTICE_HANDSHAKE_ABORTED, how);
    }
}

/* The first of them is how it ended its TLS. */
static void tell_end(struct tls_stage *stage, const char *how, unsigned alert)
{
    struct end *end = stage->layer.end;

    if (stage->done && !stage->broken && !stage->end_told) {
        stage->end_told = true;
        link_tell(end->link, (struct notice){.kind = NOTICE_TLS_ENDED, .side = end->side, .text = how, .bytes = alert});
    }
}

void parting_by_fin(struct tls_stage *stage)
{
    tell_abort(stage, "FIN");
    tell_end(stage, "bare FIN", 0);
}

void parting_by_rst(struct tls_stage *stage)
{
    tell_abort(stage, "RST");
    tell_end(stage, "RST", 0);
}

/* An alert has come: it goes on to the other side as it is. */
static void alert_came(struct tls_stage *stage)
{
    struct flow *flow = flow_of(stage);
    unsigned alert = stage->read_alert - 1;
    char text[ALERT_TEXT];

    alert_text(alert, text);
    tls_stage_tell(stage, NOTICE_ALERT_RECEIVED, text);
    tell_abort(stage, text);
    tell_end(stage, text, alert);
    stage->broken = true;
    flow->alert = alert;
    flow_enter_ending(flow, ENDING_ALERT);
}

/*
 * Our own verdict: its certificate, its protocol, its bytes. OpenSSL has told this side by an alert, and here we end. In a handshake the
 * other side gets the same alert, as from an application that failed; later its speaker has failed in the middle of what it said.
 */
static void we_failed(struct tls_stage *stage, const char *reason)
{
    struct end *end = stage->layer.end;
    struct flow *flow = flow_of(stage);
    bool in_handshake = !stage->done;
    char text[ALERT_TEXT];

    tls_stage_tell(stage, NOTICE_TLS_FAILED, reason);
    if (stage->written_alert > 0) {
        alert_text(stage->written_alert - 1, text);
        tls_stage_tell(stage, NOTICE_ALERT_SENT, text);
    }
    stage->broken = true;
    if (end->state != END_OPEN) {
        return;
    }
    end_put_ending(end, ENDING_FIN);
    end->link->unspoken = true; /* no deed of that side */
    if (in_handshake) {
        flow->alert = stage->written_alert > 0 ? stage->written_alert - 1 : SSL_AD_INTERNAL_ERROR;
        flow_enter_ending(flow, ENDING_ALERT);
    }
    flow_enter_ending(flow, ENDING_FIN);
    end->link->unspoken = false;
}

void parting_by_failure(struct tls_stage *stage, const char *reason)
{
    carrier_flush(stage);
    if (stage->read_alert > 0) {
        alert_came(stage);
    } else {
        we_failed(stage, reason);
    }
}

void parting_by_notify(struct tls_stage *stage)
{
    stage->notify_received = true;
    end_check_fin(stage->layer.end); /* whether it has our FIN when it says that */
    if (stage->layer.end->state != END_OPEN) {
        return;
    }
    tls_stage_tell(stage, NOTICE_NOTIFY_RECEIVED, NULL);
    tell_end(stage, "close_notify", SSL_AD_CLOSE_NOTIFY);
    flow_enter_ending(flow_of(stage), ENDING_CLOSE_NOTIFY);
}
