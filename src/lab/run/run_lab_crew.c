#include "lab/run/run_lab_crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE_LIMIT = 1 << 20, PROPERTIES_SIZE = 8192, ARGUMENTS_MAX = 20 };

struct crew_member {
    pid_t pid; /* 0: it is not running */
    int output;
    bool may_end; /* it was asked to end */
    struct strbuf lines;
};

struct lab_crew {
    struct lab_crew_config config;
    pid_t own_pid;
    struct crew_member members[LAB_MEMBERS_MAX];
};

struct lab_crew *lab_crew_create(const struct lab_crew_config *config, struct error *error)
{
    struct lab_crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    crew->config = *config;
    crew->own_pid = getpid();
    return crew;
}

/* What a member is started with; built before the fork, after which few functions may be called. */
struct start {
    char topics[LAB_TOPICS_MAX * LAB_NAME_SIZE];
    char properties[PROPERTIES_SIZE];
    char *arguments[ARGUMENTS_MAX];
    char **environment; /* freed by the caller */
};

static bool write_topics(const struct lab_crew *crew, int member, struct start *start)
{
    const struct lab_group *group = crew->config.group;
    struct strbuf text = strbuf_new(sizeof start->topics - 1);
    for (int t = 0; t < group->topic_count; t++) {
        if ((group->members[member].topics >> t & 1) != 0) {
            strbuf_append_format(&text, "%s%s%s", text.length > 0 ? "," : "", crew->config.prefix,
                                 group->topics[t].name);
        }
    }
    bool fits = !text.failed && str_copy(strbuf_str(&text), start->topics, sizeof start->topics);
    strbuf_free(&text);
    return fits;
}

/* Passes properties by the environment, which only this user can read, because they may contain
 * secrets. */
static bool write_environment(const struct lab_crew *crew, int member, struct start *start)
{
    const struct lab_crew_config *config = &crew->config;
    const char *name = config->group->members[member].name;
    bool comma = config->static_members && config->properties[0] != '\0';
    int length = snprintf(start->properties, sizeof start->properties, "KAFKA_PROPERTIES=%s%s%s%s",
                          config->properties, comma ? "," : "",
                          config->static_members ? "group.instance.id=" : "",
                          config->static_members ? name : "");
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    start->environment = calloc(count + 2, sizeof *start->environment);
    if (start->environment == NULL || length < 0 || (size_t)length >= sizeof start->properties) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "KAFKA_PROPERTIES=", 17) != 0) {
            start->environment[kept++] = environ[i];
        }
    }
    start->environment[kept] = start->properties;
    return true;
}

static void write_arguments(const struct lab_crew *crew, int member, struct start *start)
{
    static const char *const levels[] = {"debug", "info", "warn", "error", "off"};
    const struct lab_crew_config *config = &crew->config;
    const char *const arguments[] = {
        "candlewick",
        "lab",
        "member",
        "--brokers",
        config->brokers,
        "--group",
        config->kafka_group,
        "--client-id",
        config->group->members[member].name,
        "--strategy",
        strategy_names[config->strategy],
        "--topics",
        start->topics,
        "--log-level",
        levels[config->log_level],
    };
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        /* execve()'s parameter lacks const, but it does not write. */
        memcpy(&start->arguments[i], &arguments[i], sizeof start->arguments[i]);
    }
}

/* Runs in the child. It gets a separate process group, so that Ctrl-C reaches only the run, which
 * then ends its members. */
static void become_member(const struct lab_crew *crew, const struct start *start, int output)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == crew->own_pid && dup2(output, STDOUT_FILENO) >= 0) {
        (void)execve("/proc/self/exe", start->arguments, start->environment);
    }
    _exit(127);
}

static bool spawn(struct lab_crew *crew, int number, const struct start *start, struct error *error)
{
    struct crew_member *member = &crew->members[number];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return error_set(error, ERROR_FATAL, "no pipe for a member: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        become_member(crew, start, ends[1]);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return error_set(error, ERROR_FATAL, "no process for a member: %s", strerror(errno));
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *member = (struct crew_member){.pid = pid, .output = ends[0], .lines = strbuf_new(LINE_LIMIT)};
    return true;
}

bool lab_crew_start(struct lab_crew *crew, int member, struct error *error)
{
    struct start *start = calloc(1, sizeof *start);
    bool done = start != NULL && write_topics(crew, member, start) &&
                write_environment(crew, member, start);
    if (!done) {
        (void)error_set(error, ERROR_FATAL, "member %s: its settings are too long, or no memory",
                        crew->config.group->members[member].name);
    } else {
        write_arguments(crew, member, start);
        done = spawn(crew, member, start, error);
    }
    if (start != NULL) {
        free(start->environment);
    }
    free(start);
    return done;
}

bool lab_crew_runs(const struct lab_crew *crew, int member)
{
    return crew->members[member].pid != 0;
}

static void signal_member(struct lab_crew *crew, int number, int signal)
{
    struct crew_member *member = &crew->members[number];
    if (member->pid != 0) {
        (void)kill(member->pid, signal);
    }
}

void lab_crew_stop(struct lab_crew *crew, int member)
{
    crew->members[member].may_end = true;
    signal_member(crew, member, SIGTERM);
}

bool lab_crew_kill(struct lab_crew *crew, int member, struct error *error)
{
    crew->members[member].may_end = true;
    signal_member(crew, member, SIGKILL);
    return lab_log_add_gone(crew->config.log, member, clock_monotonic_ns(), error);
}

bool lab_crew_freeze(struct lab_crew *crew, int member, struct error *error)
{
    signal_member(crew, member, SIGSTOP);
    return lab_log_add_gone(crew->config.log, member, clock_monotonic_ns(), error);
}

void lab_crew_thaw(struct lab_crew *crew, int member)
{
    signal_member(crew, member, SIGCONT);
}

/* Waits for a member whose output has ended: it has ended too, or is about to. */
static bool reap(struct lab_crew *crew, int number, struct error *error)
{
    struct crew_member *member = &crew->members[number];
    int status = 0;
    (void)waitpid(member->pid, &status, 0);
    (void)close(member->output);
    strbuf_free(&member->lines);
    bool asked = member->may_end;
    *member = (struct crew_member){0};
    return asked || error_set(error, ERROR_FATAL,
                              "member %s ended by itself (%s %d): see what it logged, with "
                              "--log-level warn",
                              crew->config.group->members[number].name,
                              WIFSIGNALED(status) ? "signal" : "exit code",
                              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Adds whole lines to the log; the last line of a killed member may be incomplete. */
static bool take_lines(struct lab_crew *crew, int number, struct error *error)
{
    struct crew_member *member = &crew->members[number];
    struct str all = strbuf_str(&member->lines);
    size_t used = 0;
    bool good = true;
    const char *end;
    while (good && all.length > used &&
           (end = memchr(all.data + used, '\n', all.length - used)) != NULL) {
        struct str line = {all.data + used, (size_t)(end - all.data) - used};
        good = lab_log_add_line(crew->config.log, crew->config.group, crew->config.prefix, number,
                                line, error);
        used += line.length + 1;
    }
    struct strbuf rest = strbuf_new(LINE_LIMIT);
    strbuf_append(&rest, all.data + used, all.length - used);
    strbuf_free(&member->lines);
    member->lines = rest;
    return good;
}

static bool hear(struct lab_crew *crew, int number, struct error *error)
{
    struct crew_member *member = &crew->members[number];
    char bytes[16384];
    for (;;) {
        ssize_t length = read(member->output, bytes, sizeof bytes);
        if (length == 0) {
            return reap(crew, number, error);
        }
        if (length < 0) {
            return true; /* no more output for now */
        }
        strbuf_append(&member->lines, bytes, (size_t)length);
        if (!take_lines(crew, number, error)) {
            return false;
        }
    }
}

bool lab_crew_listen(struct lab_crew *crew, int wait_ms, struct error *error)
{
    struct pollfd ends[LAB_MEMBERS_MAX];
    int numbers[LAB_MEMBERS_MAX];
    nfds_t count = 0;
    for (int i = 0; i < LAB_MEMBERS_MAX; i++) {
        if (crew->members[i].pid != 0) {
            numbers[count] = i;
            ends[count++] = (struct pollfd){.fd = crew->members[i].output, .events = POLLIN};
        }
    }
    if (poll(ends, count, wait_ms) <= 0) {
        return true;
    }
    for (nfds_t i = 0; i < count; i++) {
        if (ends[i].revents != 0 && !hear(crew, numbers[i], error)) {
            return false;
        }
    }
    return true;
}

void lab_crew_destroy(struct lab_crew *crew)
{
    if (crew == NULL) {
        return;
    }
    for (int i = 0; i < LAB_MEMBERS_MAX; i++) {
        if (crew->members[i].pid != 0) {
            crew->members[i].may_end = true;
            signal_member(crew, i, SIGKILL);
            (void)reap(crew, i, NULL);
        }
    }
    free(crew);
}
