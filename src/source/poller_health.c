#include "source/poller_health.h"

#include "base/clock.h"
#include "base/text/str.h"
#include "base/text/strbuf.h"

/* A wait for acknowledgements is told from this length on: it is usually some milliseconds. */
#define SETTLING_TOLD_NS (2 * NS_PER_SECOND)

/* Returns whole seconds, rounded up, so that nobody reads "next try in 0 s". */
static int64_t seconds_until(int64_t until_ns, int64_t now_ns)
{
    int64_t left_ns = until_ns - now_ns;
    return left_ns <= 0 ? 0 : (left_ns - 1) / NS_PER_SECOND + 1;
}

/* Appends the source's name, capitalised for the start of a sentence. */
static void append_name(struct strbuf *text, const char *source)
{
    char first = source[0];
    if (first >= 'a' && first <= 'z') {
        strbuf_append_char(text, (char)(first - 'a' + 'A'));
        source++;
    }
    strbuf_append_text(text, source);
}

/* Writes the time first, because the server's error text may be long and is cut. */
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
    const struct poller_held *held = &health->held;
    double seconds = (double)held->behind_ns / (double)NS_PER_SECOND;
    strbuf_append_text(text, held->coin);
    if (held->coins > 1) {
        strbuf_append_format(text, " and %d more", held->coins - 1);
    }
    if (held->clock_was_ahead) {
        strbuf_append_format(text,
                             ": the clock stepped back by %.1f s; waiting until it has passed "
                             "that time (is it right now? a restart goes on with it)",
                             seconds);
    } else {
        strbuf_append_format(text,
                             ": the clock is %.1f s behind the newest tick in the log; waiting "
                             "until it has passed that time",
                             seconds);
    }
}

static bool settles_long(const struct poller_health *health, int64_t now_ns)
{
    return health->settling && now_ns - health->settling_since_ns >= SETTLING_TOLD_NS;
}

static bool describe(const struct poller_health *health, int64_t now_ns, struct strbuf *text)
{
    if (settles_long(health, now_ns)) {
        append_name(text, health->source);
        strbuf_append_format(text,
                             " has waited for %lld s until Kafka acknowledges what was sent, and "
                             "goes on then",
                             (long long)((now_ns - health->settling_since_ns) / NS_PER_SECOND));
        return false;
    }
    switch (health->state) {
    case POLLER_IDLE:
        strbuf_append_text(text, "polling has not begun");
        return false;
    case POLLER_ASKING:
        strbuf_append_format(text, "waiting for the first %s of %s", health->records,
                             health->source);
        return false;
    case POLLER_FLOWING:
        return true;
    case POLLER_PACED:
        strbuf_append_format(text, "the next of the recorded %s is due in %lld s", health->records,
                             (long long)seconds_until(health->until_ns, now_ns));
        return true;
    case POLLER_RETRY:
        append_retry(text, health, now_ns);
        return false;
    case POLLER_HOLDING:
        append_holding(text, health);
        return false;
    case POLLER_DONE:
        strbuf_append_format(text, "%s is used up: all its %s were handed on", health->source,
                             health->records);
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

static void append_owned(struct strbuf *text, const struct poller_health *health)
{
    const struct poller_owned *owned = &health->owned;
    strbuf_append_text(text, owned->coin);
    if (owned->coins > 1) {
        strbuf_append_format(text, " and %lld more", (long long)(owned->coins - 1));
    }
    strbuf_append_format(text, owned->coins > 1 ? " have" : " has");
    strbuf_append_format(text, " a live source already, %s: ", owned->source);
    if (owned->refused) {
        strbuf_append_format(text,
                             "the %s of %s are refused; end that one and start this one an hour "
                             "later, or give this one another --topic",
                             health->records, health->source);
    } else {
        strbuf_append_format(text, "the %s of %s lie beside its own", health->records,
                             health->source);
    }
}

void poller_health_notice(const struct poller_health *health, int64_t monotonic_ns, char *text,
                          size_t size)
{
    const struct poller_ahead *ahead = &health->ahead;
    struct strbuf buf = strbuf_new(1024);
    if (ahead->records > 0 && monotonic_ns < ahead->until_ns) {
        char time[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(ahead->stamp_ns, time);
        strbuf_append_format(&buf, "the log has a tick of %s from the future: %s (%s; source %s)",
                             ahead->coin, time, ahead->place, ahead->source);
        if (ahead->records > 1) {
            strbuf_append_format(&buf, " and %lld more", (long long)(ahead->records - 1));
        }
        strbuf_append_text(&buf, "; new ticks go on with this clock");
    } else if (health->owned.coins > 0) {
        append_owned(&buf, health);
    }
    (void)str_copy(strbuf_str(&buf), text, size);
    strbuf_free(&buf);
}
