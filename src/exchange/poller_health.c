#include "exchange/poller_health.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/strbuf.h"

/* Whole seconds, rounded up: "next try in 0 s" would be a lie. */
static int64_t seconds_until(int64_t until_ns, int64_t now_ns)
{
    int64_t left_ns = until_ns - now_ns;
    return left_ns <= 0 ? 0 : (left_ns - 1) / NS_PER_SECOND + 1;
}

/* The source's name as a sentence begins. */
static void append_name(struct strbuf *text, const char *source)
{
    char first = source[0];
    if (first >= 'a' && first <= 'z') {
        strbuf_append_char(text, (char)(first - 'a' + 'A'));
        source++;
    }
    strbuf_append_text(text, source);
}

/* The time first: what the other end said may be long, and is cut. */
static void append_retry(struct strbuf *text, const struct poller_health *health, int64_t now_ns)
{
    append_name(text, health->source);
    if (health->error.retry_after_ms > 0) {
        strbuf_append_text(text, " asks to wait");
    } else if (health->last_success_ns == 0) {
        strbuf_append_text(text, " has not answered yet");
    } else {
        char since[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(health->last_success_ns - health->last_success_ns % NS_PER_SECOND,
                             since);
        strbuf_append_format(text, " has not answered since %s", since);
    }
    int64_t seconds = seconds_until(health->until_ns, now_ns);
    if (seconds > 0) {
        strbuf_append_format(text, ", next try in %lld s: ", (long long)seconds);
    } else {
        strbuf_append_text(text, ", trying again: ");
    }
    strbuf_append_text(text, health->error.text);
}

static void append_holding(struct strbuf *text, const struct poller_health *health)
{
    double seconds = (double)health->behind_ns / (double)NS_PER_SECOND;
    if (health->clock_was_ahead) {
        strbuf_append_format(text, "the clock stepped back by %.1f s", seconds);
    } else {
        strbuf_append_format(text, "the clock is %.1f s behind the newest tick in the log",
                             seconds);
    }
    strbuf_append_text(text, "; waiting until it has passed that time");
}

static bool describe(const struct poller_health *health, int64_t now_ns, struct strbuf *text)
{
    switch (health->state) {
    case POLLER_IDLE:
        strbuf_append_text(text, "polling has not begun");
        return false;
    case POLLER_ASKING:
        strbuf_append_format(text, "waiting for the first ticks of %s", health->source);
        return false;
    case POLLER_FLOWING:
        return true;
    case POLLER_PACED:
        strbuf_append_format(text, "the next recorded tick is due in %lld s",
                             (long long)seconds_until(health->until_ns, now_ns));
        return true;
    case POLLER_RETRY:
        append_retry(text, health, now_ns);
        return false;
    case POLLER_HOLDING:
        append_holding(text, health);
        return false;
    case POLLER_DONE:
        strbuf_append_format(text, "%s is used up: all its ticks were handed on", health->source);
        return true;
    case POLLER_STOPPED:
        strbuf_append_text(text, "stopped");
        return false;
    case POLLER_FAILED:
    default:
        strbuf_append_text(text, health->error.text);
        return false;
    }
}

bool poller_health_describe(const struct poller_health *health, int64_t monotonic_ns, char *text,
                            size_t size)
{
    struct strbuf buf = strbuf_new(1024);
    bool healthy = describe(health, monotonic_ns, &buf);
    (void)str_copy(strbuf_str(&buf), text, size);
    strbuf_free(&buf);
    return healthy;
}
