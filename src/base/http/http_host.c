#include "base/http/http_host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/text/str.h"

enum { NAME_SIZE = 256 };

bool http_host_is_loopback(const char *address)
{
    struct str text = str_from(address);
    return str_starts_with(text, "127.") || str_starts_with(text, "[::1]:");
}

/* Copies the host without port, brackets and a trailing dot. Returns false when it is longer than
 * any valid name. */
static bool take_name(struct str header, char name[static NAME_SIZE])
{
    const char *end = NULL;
    header = str_trim(header);
    if (header.length > 0 && header.data[0] == '[') {
        header = (struct str){.data = header.data + 1, .length = header.length - 1};
        end = memchr(header.data, ']', header.length);
    } else if (header.length > 0) {
        end = memchr(header.data, ':', header.length);
    }
    if (end != NULL) {
        header.length = (size_t)(end - header.data);
    }
    if (header.length > 0 && header.data[header.length - 1] == '.') {
        header.length--;
    }
    return str_copy(header, name, NAME_SIZE);
}

static bool is_ip_address(const char *name)
{
    struct in_addr four;
    struct in6_addr six;
    return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1;
}

/* Resolvers answer these names without a DNS query (RFC 6761). */
static bool is_localhost(const char *name)
{
    static const char ending[] = ".localhost";
    size_t length = strlen(name);
    size_t least = sizeof ending - 1;
    return strcasecmp(name, "localhost") == 0 ||
           (length > least && strcasecmp(name + length - least, ending) == 0);
}

bool http_host_is_ours(const char *header, const char *own)
{
    char name[NAME_SIZE];
    if (header == NULL) {
        return true;
    }
    return take_name(str_from(header), name) &&
           (is_ip_address(name) || is_localhost(name) || strcasecmp(name, own) == 0);
}
