/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of TCP_INFO and SO_MEMINFO, and TCP_REPAIR (tcp(7) does not describe them; linux/tcp.h and linux/sock_diag.h do).
 */
#include "kernel/segments.h"

#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool segments_count(int fd, struct segments *segments)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    int unacknowledged = 0;
    struct tcp_info info = {0};
    socklen_t memory_length = sizeof(memory), info_length = sizeof(info);

    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &memory_length) < 0
        || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_length) < 0) {
        return false;
    }
    (void)ioctl(fd, SIOCOUTQ, &unacknowledged);
    *segments = (struct segments){.dropped = memory[SK_MEMINFO_DROPS], .came = info.tcpi_segs_in, .with_data = info.tcpi_data_segs_in,
        .received = info.tcpi_bytes_received, .acknowledged = info.tcpi_bytes_acked,
        .written = info.tcpi_bytes_acked + (uint64_t)unacknowledged};
    return true;
}

static int set_int(int fd, int name, int value)
{
    return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value));
}

static int queue_number(int fd, int queue, uint32_t *number)
{
    socklen_t length = sizeof(*number);

    return set_int(fd, TCP_REPAIR_QUEUE, queue) < 0 ? -1 : getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, number, &length);
}

static void end_repair(int fd)
{
    (void)set_int(fd, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)); /* which this has cleared: nobody could listen there again */
}

int sequence_read(int fd, struct sequence *sequence)
{
    int unsent = 0, read;

    if (set_int(fd, TCP_REPAIR, TCP_REPAIR_ON) < 0) {
        return -1;
    }
    read = queue_number(fd, TCP_SEND_QUEUE, &sequence->send);
    if (read == 0) {
        read = queue_number(fd, TCP_RECV_QUEUE, &sequence->receive);
    }
    (void)ioctl(fd, SIOCOUTQNSD, &unsent);
    sequence->send -= (uint32_t)unsent; /* the queue's number is that behind what was only written */
    end_repair(fd);
    return read;
}

int segments_take_back(int fd, uint32_t bytes)
{
    struct tcp_repair_window window;
    socklen_t length = sizeof(window);
    int taken = -1;

    if (set_int(fd, TCP_REPAIR, TCP_REPAIR_ON) < 0) {
        return -1;
    }
    if (getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, &length) == 0 && window.rcv_wnd > bytes
        && queue_number(fd, TCP_RECV_QUEUE, &window.rcv_wup) == 0) {
        window.rcv_wnd = bytes;
        taken = setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, sizeof(window));
    }
    end_repair(fd);
    return taken;
}

int segments_forget(int fd)
{
    return set_int(fd, TCP_REPAIR, TCP_REPAIR_ON);
}
