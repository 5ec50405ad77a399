#include "base/websocket/websocket.h"

#include <poll.h>
#include <string.h>

#include "base/stop.h"
#include "base/websocket/websocket_parts.h"

/* Records that the connection has ended, because of `why`. */
static void end(struct websocket *websocket, const struct error *why)
{
    websocket->over = *why;
    (void)error_prefix(&websocket->over, "%s", strbuf_text(&websocket->shown));
    websocket->end = websocket_frames_end(websocket->frames);
    if (websocket->end.code == 0) {
        websocket->end.code = WEBSOCKET_BROKEN;
    }
}

/* If all of `sending` is sent, refills it from the unsent bytes of the frames. */
static void fill_sending(struct websocket *websocket)
{
    if (websocket->sending_done < websocket->sending_length) {
        return;
    }
    struct str unsent = websocket_frames_unsent(websocket->frames);
    size_t length = unsent.length < WEBSOCKET_SEND_BYTES ? unsent.length : WEBSOCKET_SEND_BYTES;
    if (length > 0) {
        memcpy(websocket->sending, unsent.data, length);
        websocket_frames_sent(websocket->frames, length);
    }
    websocket->sending_length = length;
    websocket->sending_done = 0;
}

/* Sends unsent bytes until none is left or the socket would block. */
static void flush(struct websocket *websocket)
{
    fill_sending(websocket);
    while (websocket->sending_length > 0 && websocket->send_code == CURLE_OK) {
        size_t more = 0;
        CURLcode code =
            websocket_link_send(websocket, websocket->sending + websocket->sending_done,
                                websocket->sending_length - websocket->sending_done, &more);
        if (code == CURLE_AGAIN) {
            websocket->stuck_ns =
                websocket->stuck_ns != 0 ? websocket->stuck_ns : clock_monotonic_ns();
            return;
        }
        websocket->stuck_ns = 0;
        websocket->send_code = code;
        websocket->sending_done += more;
        fill_sending(websocket);
    }
}

/* Ends the connection after WEBSOCKET_STEP_OVER; the reason is `why`, or libcurl's error if reading
 * failed. First sends a last Close frame, as far as the socket accepts it without blocking. */
static void end_of_frames(struct websocket *websocket, const struct error *why)
{
    struct error error = *why;
    flush(websocket);
    if (websocket->receive_code != CURLE_OK) {
        error_set(&error, ERROR_RETRY, "the connection broke (%s)",
                  http_transport_detail(&websocket->transport, websocket->receive_code));
    }
    end(websocket, &error);
}

/* Reads the next frame. When nothing more has arrived, sends what is unsent. */
static enum websocket_step take_step(struct websocket *websocket)
{
    struct error error = {0};
    enum websocket_step step = websocket_frames_read(websocket->frames, &error);
    switch (step) {
    case WEBSOCKET_STEP_MESSAGE:
    case WEBSOCKET_STEP_FRAME:
        websocket->frame_ns = websocket->read_ns;
        break;
    case WEBSOCKET_STEP_AGAIN: /* all that has arrived is read */
        flush(websocket);
        if (websocket->send_code != CURLE_OK) {
            error_set(&error, ERROR_RETRY, "the connection broke while sending (%s)",
                      http_transport_detail(&websocket->transport, websocket->send_code));
            end(websocket, &error);
            step = WEBSOCKET_STEP_OVER;
        }
        break;
    case WEBSOCKET_STEP_OVER:
        end_of_frames(websocket, &error);
        break;
    }
    return step;
}

/* Returns when the watchdog will end the connection if nothing moves until then; INT64_MAX:
 * never. */
static int64_t watchdog_ns(const struct websocket *websocket)
{
    if (websocket->silence_ns == 0) {
        return INT64_MAX;
    }
    bool stuck = websocket->stuck_ns != 0 && websocket->stuck_ns < websocket->frame_ns;
    return (stuck ? websocket->stuck_ns : websocket->frame_ns) + websocket->silence_ns;
}

static void end_by_watchdog(struct websocket *websocket)
{
    struct error error;
    bool stuck = websocket->stuck_ns != 0 && websocket->stuck_ns < websocket->frame_ns;
    error_set(&error, ERROR_RETRY, "the %s %s for %lld ms", websocket->peer,
              stuck ? "has read nothing" : "has sent no frame",
              (long long)(websocket->silence_ns / NS_PER_MS));
    end(websocket, &error);
}

static short wanted_events(const struct websocket *websocket)
{
    bool unsent = websocket->sending_done < websocket->sending_length;
    return (short)(unsent ? POLLIN | POLLOUT : POLLIN);
}

/* Waits until the socket is ready, or the watchdog ends the connection. Returns false once
 * `deadline_ns` has passed or a stop is requested. */
static bool wait_for_more(struct websocket *websocket, int64_t deadline_ns)
{
    struct stop *stop = websocket->transport.stop;
    int64_t now_ns = clock_monotonic_ns();
    int64_t until_ns = watchdog_ns(websocket);
    if (now_ns >= until_ns) {
        end_by_watchdog(websocket);
        return true;
    }
    if (now_ns >= deadline_ns || (stop != NULL && stop_requested(stop))) {
        return false;
    }
    until_ns = until_ns < deadline_ns ? until_ns : deadline_ns;
    (void)stop_wait_fd(stop, websocket->fd, wanted_events(websocket), until_ns);
    return true;
}

enum websocket_next websocket_next(struct websocket *websocket, int timeout_ms,
                                   struct websocket_message *message, struct error *error)
{
    /* Without waiting, the clock is not asked for each of many messages that were read at once. */
    int64_t deadline_ns = timeout_ms > 0 ? websocket_deadline_ns(timeout_ms) : websocket->read_ns;
    if (websocket->over.kind == ERROR_NONE) {
        flush(websocket); /* here too, for messages may arrive so fast that WEBSOCKET_STEP_AGAIN
                             never occurs */
    }
    while (websocket->over.kind == ERROR_NONE) {
        switch (take_step(websocket)) {
        case WEBSOCKET_STEP_MESSAGE:
            *message = (struct websocket_message){websocket_frames_message(websocket->frames),
                                                  websocket->read_wall_ns, websocket->read_ns};
            return WEBSOCKET_MESSAGE;
        case WEBSOCKET_STEP_FRAME: /* check the time here too: a server can send pings without
                                      end */
            if (websocket->read_ns > deadline_ns) {
                return WEBSOCKET_NOTHING;
            }
            break;
        case WEBSOCKET_STEP_AGAIN:
            if (!wait_for_more(websocket, deadline_ns)) {
                return WEBSOCKET_NOTHING;
            }
            break;
        case WEBSOCKET_STEP_OVER:
            break;
        }
    }
    (void)error_pass(error, &websocket->over);
    return WEBSOCKET_OVER;
}

bool websocket_send(struct websocket *websocket, struct str text, struct error *error)
{
    if (websocket->over.kind != ERROR_NONE) {
        return error_pass(error, &websocket->over);
    }
    if (!websocket_frames_send(websocket->frames, text, error)) {
        return error_prefix(error, "%s", strbuf_text(&websocket->shown));
    }
    flush(websocket);
    return true;
}

void websocket_set_silence_timeout(struct websocket *websocket, int timeout_ms)
{
    websocket->silence_ns = timeout_ms * NS_PER_MS;
    websocket->frame_ns = clock_monotonic_ns();
    websocket->stuck_ns = 0;
}

void websocket_close(struct websocket *websocket, enum websocket_code code, int timeout_ms)
{
    int64_t deadline_ns = websocket_deadline_ns(timeout_ms);
    websocket_frames_close(websocket->frames, code, "");
    flush(websocket);
    while (websocket->over.kind == ERROR_NONE) {
        enum websocket_step step = take_step(websocket);
        if (step != WEBSOCKET_STEP_OVER && clock_monotonic_ns() >= deadline_ns) {
            struct error error;
            error_set(&error, ERROR_RETRY, "closed, but the %s did not answer that in time",
                      websocket->peer);
            end(websocket, &error);
        } else if (step == WEBSOCKET_STEP_AGAIN) {
            (void)stop_wait_fd(NULL, websocket->fd, wanted_events(websocket), deadline_ns);
        }
    }
}

struct websocket_end websocket_end(const struct websocket *websocket)
{
    return websocket->end;
}

int websocket_fd(const struct websocket *websocket)
{
    return websocket->fd;
}

const char *websocket_url(const struct websocket *websocket)
{
    return strbuf_text(&websocket->shown);
}
