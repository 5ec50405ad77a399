/* Writes a batch to InfluxDB: builds lines and requests, and decides from the answers what became
 * of each line (influx_outcome.h). */
#include <stdlib.h>
#include <string.h>

#include "store/influx/influx.h"
#include "store/influx/line_protocol.h"

/* The server's limit is 10 MiB, measured after decompression. */
enum { REQUEST_LIMIT = 8 << 20 };

#define TOO_LARGE "too large for InfluxDB"

static bool add_rejected(struct rejected_list *rejected, const struct influx_line *line,
                         const char *reason, struct error *error)
{
    return rejected_list_add(rejected, line->tick, reason) || store_no_memory(error);
}

/* Sets the lines' pointers into the buffer. Called when the buffer is complete, because it moves
 * while it grows. */
static void find_lines(struct influx *influx, size_t count)
{
    char *at = influx->body.data;
    for (size_t i = 0; i < count; i++) {
        influx->lines[i].text.data = at;
        at += influx->lines[i].text.length + 1;
    }
}

static bool make_room(struct influx *influx, size_t count)
{
    if (count > influx->lines_capacity) {
        struct influx_line *lines = reallocarray(influx->lines, count, sizeof *lines);
        if (lines == NULL) {
            return false;
        }
        influx->lines = lines;
        influx->lines_capacity = count;
    }
    return true;
}

static bool write_lines(struct influx *influx, const struct record_set *records,
                        struct rejected_list *rejected, size_t *lines, struct error *error)
{
    strbuf_clear(&influx->body);
    *lines = 0;
    if (!make_room(influx, records->count)) {
        return store_no_memory(error);
    }
    const struct line_plan *plan = &influx->line_plans[kind_number(records->kind)];
    for (size_t i = 0; i < records->count; i++) {
        bool admitted = false;
        size_t start = influx->body.length;
        if (!store_admit(records, i, rejected, &admitted, error)) {
            return false;
        }
        if (!admitted) {
            continue;
        }
        if (!line_protocol_append(plan, record_set_at(records, i), records->texts, &influx->body)) {
            return store_no_memory(error);
        }
        influx->lines[(*lines)++] =
            (struct influx_line){.text = {.length = influx->body.length - start - 1}, .tick = i};
    }
    find_lines(influx, *lines);
    return true;
}

/* Returns the request's body: in the buffer the lines lie one after another, each with its line
 * feed. */
static struct str body_of(const struct influx_line *lines, size_t count)
{
    const struct influx_line *last = &lines[count - 1];
    const char *end = last->text.data + last->text.length + 1;
    return (struct str){.data = lines[0].text.data, .length = (size_t)(end - lines[0].text.data)};
}

/* Removes one line from a request: moves the request's later lines forward in the buffer. */
static void take_out(struct influx *influx, struct influx_line *lines, size_t count, size_t place)
{
    size_t gap = lines[place].text.length + 1;
    struct str body = body_of(lines, count);
    size_t at = (size_t)(lines[place].text.data - influx->body.data);
    size_t end = (size_t)(body.data - influx->body.data) + body.length;
    memmove(influx->body.data + at, influx->body.data + at + gap, end - at - gap);
    for (size_t i = place; i + 1 < count; i++) {
        lines[i] = lines[i + 1];
        lines[i].text.data -= gap;
    }
}

static bool post_lines(struct influx *influx, const struct influx_line *lines, size_t count,
                       struct influx_outcome *outcome, struct error *error)
{
    const struct http_request request = {.method = "POST",
                                         .path = influx->write_path,
                                         .content_type = "text/plain; charset=utf-8",
                                         .body = body_of(lines, count),
                                         .gzip = influx->gzip};
    if (!influx_send(influx, &request, error)) {
        return false;
    }
    const struct http_response *response = &influx->response;
    *outcome = influx_outcome_of(response->status, strbuf_str(&response->body), lines, count);
    outcome->error.retry_after_ms = response->retry_after_ms;
    return true;
}

static bool send_lines(struct influx *influx, struct influx_line *lines, size_t count,
                       struct rejected_list *rejected, struct error *error);

/* Sends the two halves as separate requests, which may be halved again: at most log2(count) deep.
 * One bad line among n costs 2 * log2(n) requests, k bad lines at most k times as many. A line that
 * is sent twice has the same bytes, so that changes nothing. */
static bool send_halves(struct influx *influx, struct influx_line *lines, size_t count,
                        struct rejected_list *rejected, struct error *error)
{
    size_t half = count / 2;
    return send_lines(influx, lines, half, rejected, error) &&
           send_lines(influx, lines + half, count - half, rejected, error);
}

static bool reject_named(const struct influx_line *lines, const struct rejected_list *named,
                         struct rejected_list *rejected, struct error *error)
{
    for (size_t i = 0; i < named->count; i++) {
        const struct rejected_record *item = &named->items[i];
        if (!add_rejected(rejected, &lines[item->index], item->reason, error)) {
            return false;
        }
    }
    return true;
}

/* Returns true when all lines are durable or rejected. */
static bool send_lines(struct influx *influx, struct influx_line *lines, size_t count,
                       struct rejected_list *rejected, struct error *error)
{
    bool settled = false;
    bool again = true; /* each round but the last removes one line */
    while (again && count > 0) {
        again = false;
        if (count > 1 && body_of(lines, count).length > REQUEST_LIMIT) {
            return send_halves(influx, lines, count, rejected, error);
        }
        struct influx_outcome outcome = {.action = INFLUX_KEEP};
        if (!post_lines(influx, lines, count, &outcome, error)) {
            return false;
        }
        switch (outcome.action) {
        case INFLUX_DONE:
            settled = true;
            break;
        case INFLUX_REJECT:
            settled = reject_named(lines, &outcome.named, rejected, error);
            break;
        case INFLUX_RESEND:
            again = reject_named(lines, &outcome.named, rejected, error);
            if (again) {
                take_out(influx, lines, count--, outcome.named.items[0].index);
            }
            break;
        case INFLUX_SPLIT:
        case INFLUX_BISECT:
            settled = count > 1 ? send_halves(influx, lines, count, rejected, error)
                                : add_rejected(rejected, lines, TOO_LARGE, error);
            break;
        case INFLUX_KEEP:
            if (error != NULL) {
                *error = outcome.error;
            }
            (void)error_prefix(error, "%s", influx->store.name);
            break;
        }
        rejected_list_free(&outcome.named);
    }
    return settled || count == 0;
}

bool influx_write(struct store *store, const struct record_set *records,
                  struct rejected_list *rejected, struct error *error)
{
    struct influx *influx = (struct influx *)store;
    size_t lines = 0;
    if (!influx_check_witness(influx, error) ||
        !write_lines(influx, records, rejected, &lines, error)) {
        return false;
    }
    if (!send_lines(influx, influx->lines, lines, rejected, error)) {
        influx_check_soon(influx);
        return false;
    }
    if (lines > 0 && rejected->count == 0) {
        influx_remember(influx, records->kind, record_set_at(records, records->count - 1));
    }
    return true;
}
