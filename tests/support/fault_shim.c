/*
 * Loaded into a program under test by LD_PRELOAD: what the system does to it, on demand. The folder
 * $FAULT_SHIM holds the demands, as files that may come and go while it runs:
 *
 *     clock     nanoseconds that are added to CLOCK_REALTIME; "=N": it stands still at N
 *     full      writes to files whose path holds this text fail with ENOSPC
 *     no-names  no host name is found; else those that end in ".test" are 127.0.0.1
 *
 * Each is looked at again every 20 ms.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 512, LOOK_AGAIN_NS = 20000000 };

/* Its value while it runs; "" when it is not there. Each thread looks for itself. */
struct demand {
    int64_t looked_ns;
    char text[PATH_SIZE];
};

typedef int (*clock_function)(clockid_t id, struct timespec *now);

static void *next_of(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int64_t monotonic_ns(void)
{
    static clock_function real;
    struct timespec now = {0};
    if (real == NULL) {
        *(void **)&real = next_of("clock_gettime");
    }
    (void)real(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static const char *demanded(struct demand *demand, const char *name)
{
    int64_t now_ns = monotonic_ns();
    const char *folder = getenv("FAULT_SHIM");
    if (folder == NULL || now_ns - demand->looked_ns < LOOK_AGAIN_NS) {
        return demand->text;
    }
    char path[PATH_SIZE];
    int saved = errno;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    demand->looked_ns = now_ns;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, demand->text, sizeof demand->text - 1) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    demand->text[length > 0 ? length : 0] = '\0';
    errno = saved;
    return demand->text;
}

static int64_t to_ns(const struct timespec *time)
{
    return time->tv_sec * INT64_C(1000000000) + time->tv_nsec;
}

static struct timespec from_ns(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / INT64_C(1000000000),
                             .tv_nsec = ns % INT64_C(1000000000)};
}

/* One for all functions of a thread: it must wait by the clock that it has read. */
static __thread struct demand clock_demand;

static int64_t demanded_ns(int64_t real_ns, const char *text)
{
    return text[0] == '=' ? strtoll(text + 1, NULL, 10) : real_ns + strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    static clock_function real;
    if (real == NULL) {
        *(void **)&real = next_of("clock_gettime");
    }
    int result = real(id, now);
    if (result == 0 && id == CLOCK_REALTIME) {
        *now = from_ns(demanded_ns(to_ns(now), demanded(&clock_demand, "clock")));
    }
    return result;
}

/* A moment of the demanded clock as the system's, which is what waiting goes by. Times of
 * CLOCK_MONOTONIC are small and stay. */
static struct timespec moment_of(const struct timespec *until)
{
    static clock_function real;
    struct timespec now = {0};
    if (until->tv_sec < 1000000000 || clock_demand.text[0] == '\0') {
        return *until;
    }
    if (real == NULL) {
        *(void **)&real = next_of("clock_gettime");
    }
    (void)real(CLOCK_REALTIME, &now);
    int64_t real_ns = to_ns(&now);
    return from_ns(to_ns(until) - (demanded_ns(real_ns, clock_demand.text) - real_ns));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
                  const struct timespec *restrict until)
{
    static int (*real)(cnd_t * condition, mtx_t * mutex, const struct timespec *until);
    struct timespec moment = moment_of(until);
    if (real == NULL) {
        *(void **)&real = next_of("cnd_timedwait");
    }
    return real(condition, mutex, &moment);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    static int (*real)(pthread_cond_t * condition, pthread_mutex_t * mutex,
                       const struct timespec *until);
    struct timespec moment = moment_of(until);
    if (real == NULL) {
        *(void **)&real = next_of("pthread_cond_timedwait");
    }
    return real(condition, mutex, &moment);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}

static int is_full(int fd)
{
    static __thread struct demand demand;
    const char *text = demanded(&demand, "full");
    char link[64];
    char path[PATH_SIZE];
    if (text[0] == '\0') {
        return 0;
    }
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return strstr(path, text) != NULL;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    static ssize_t (*real)(int fd, const void *bytes, size_t length);
    if (real == NULL) {
        *(void **)&real = next_of("write");
    }
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    static ssize_t (*real)(int fd, const void *bytes, size_t length, off64_t offset);
    if (real == NULL) {
        *(void **)&real = next_of("pwrite64");
    }
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, length, offset);
}

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    static int (*real)(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);
    static __thread struct demand demand;
    if (real == NULL) {
        *(void **)&real = next_of("getaddrinfo");
    }
    if (node == NULL || strspn(node, "0123456789.:") == strlen(node)) {
        return real(node, service, hints, result); /* in digits: there is nobody to ask */
    }
    if (demanded(&demand, "no-names")[0] != '\0') {
        return EAI_AGAIN;
    }
    size_t length = strlen(node);
    int is_test = length > 5 && strcmp(node + length - 5, ".test") == 0;
    return real(is_test ? "127.0.0.1" : node, service, hints, result);
}
