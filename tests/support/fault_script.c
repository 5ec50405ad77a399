#include "fault_script.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 64 };

struct fault_script {
    pthread_mutex_t lock;
    struct fault rules[RULES_MAX];
    size_t count;
    uint64_t random;
};

struct fault_script *fault_script_create(uint64_t seed)
{
    struct fault_script *script = calloc(1, sizeof *script);
    if (script != NULL) {
        script->random = seed * 2 + 1;
        pthread_mutex_init(&script->lock, NULL);
    }
    return script;
}

static bool is_hex(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

static void unescape(const char *from, char *to)
{
    size_t length = 0;
    while (*from != '\0' && length + 1 < FAULT_TEXT_MAX) {
        if (*from == '%' && is_hex(from[1]) && is_hex(from[2])) {
            const char byte[3] = {from[1], from[2], '\0'};
            to[length++] = (char)strtol(byte, NULL, 16);
            from += 3;
        } else {
            to[length++] = *from++;
        }
    }
    to[length] = '\0';
}

static bool set_word(struct fault *fault, const char *name, const char *value)
{
    const struct {
        const char *name;
        int64_t *number;
        char *text;
    } words[] = {
        {"times", &fault->times, NULL},
        {"chance", &fault->chance, NULL},
        {"over", &fault->over, NULL},
        {"min-lines", &fault->min_lines, NULL},
        {"status", &fault->status, NULL},
        {"vague", &fault->vague, NULL},
        {"named-from", &fault->named_from, NULL},
        {"partial", &fault->partial, NULL},
        {"before-ms", &fault->before_ms, NULL},
        {"after-ms", &fault->after_ms, NULL},
        {"drip-ms", &fault->drip_ms, NULL},
        {"half", &fault->half, NULL},
        {"bomb", &fault->bomb, NULL},
        {"retry-after", NULL, fault->retry_after},
        {"body", NULL, fault->body},
        {"location", NULL, fault->location},
        {"match", NULL, fault->match},
        {"with", NULL, fault->with},
        {"lines", NULL, fault->lines},
        {"reset", NULL, fault->reset},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].name, name) == 0) {
            if (words[i].text != NULL) {
                unescape(value, words[i].text);
                return true;
            }
            char *end = NULL;
            *words[i].number = strtoll(value, &end, 10);
            return end != value && *end == '\0';
        }
    }
    return false;
}

static bool read_rule(char *line, struct fault *fault, char *why, size_t size)
{
    char *word;
    *fault = (struct fault){.times = 1, .chance = 100, .partial = 1, .over = -1};
    while ((word = strsep(&line, " \r")) != NULL) {
        char *value = word;
        const char *name = strsep(&value, "=");
        if (*name != '\0' && (value == NULL || !set_word(fault, name, value))) {
            (void)snprintf(why, size, "%s", name);
            return false;
        }
    }
    return true;
}

bool fault_script_set(struct fault_script *script, char *text, char *why, size_t size)
{
    struct fault rules[RULES_MAX];
    size_t count = 0;
    char *line;
    while ((line = strsep(&text, "\n")) != NULL) {
        if (*line != '\0' && (count == RULES_MAX || !read_rule(line, &rules[count++], why, size))) {
            return false;
        }
    }
    pthread_mutex_lock(&script->lock);
    memcpy(script->rules, rules, count * sizeof *rules);
    script->count = count;
    pthread_mutex_unlock(&script->lock);
    return true;
}

/* xorshift64*: 0 to 99. */
static int64_t draw(struct fault_script *script)
{
    script->random ^= script->random >> 12;
    script->random ^= script->random << 25;
    script->random ^= script->random >> 27;
    return (int64_t)((script->random * UINT64_C(2685821657736338717)) >> 33) % 100;
}

static bool holds(const char *body, size_t length, const char *text)
{
    return memmem(body, length, text, strlen(text)) != NULL;
}

struct fault fault_script_next(struct fault_script *script, const char *body, size_t bytes,
                               size_t lines)
{
    struct fault fault = {.partial = 1};
    pthread_mutex_lock(&script->lock);
    for (size_t i = 0; i < script->count; i++) {
        struct fault *rule = &script->rules[i];
        if ((int64_t)bytes > rule->over && (int64_t)lines >= rule->min_lines &&
            (rule->with[0] == '\0' || holds(body, bytes, rule->with)) &&
            (rule->chance >= 100 || draw(script) < rule->chance)) {
            fault = *rule;
            if (rule->times > 0 && --rule->times == 0) {
                memmove(rule, rule + 1, (script->count - i - 1) * sizeof *rule);
                script->count--;
            }
            break;
        }
    }
    pthread_mutex_unlock(&script->lock);
    return fault;
}

static bool is_listed(const char *list, size_t number)
{
    while (*list != '\0') {
        char *end = NULL;
        if (strtoul(list, &end, 10) == number) {
            return true;
        }
        list = *end == ',' ? end + 1 : end + strlen(end);
    }
    return false;
}

static bool holds_one_of(const char *line, size_t length, const char *texts)
{
    while (*texts != '\0') {
        size_t size = strcspn(texts, "|");
        if (memmem(line, length, texts, size) != NULL) {
            return true;
        }
        texts += size + (texts[size] == '|');
    }
    return false;
}

bool fault_refuses(const struct fault *fault, const char *line, size_t length, size_t number)
{
    return holds_one_of(line, length, fault->match) || is_listed(fault->lines, number);
}
