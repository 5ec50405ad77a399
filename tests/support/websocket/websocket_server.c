#include "websocket/websocket_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "cmocka_all.h"
#include "websocket/tls_certificate.h"

enum { HEAD_LIMIT = 8192, PATH_SIZE = 300 };

struct websocket_peer {
    int fd;
    SSL *tls; /* NULL: plain */
    char request[HEAD_LIMIT];
    char failure[300]; /* the first expectation that did not hold; "": all did */
};

struct websocket_server {
    websocket_play play;
    void *context;
    int listener;
    struct tls_certificate *certificate; /* NULL: plain */
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock; /* protects what follows */
    bool ending;
    int fd; /* of the connection that is played; -1: none */
    char failure[300];
};

static ssize_t receive(struct websocket_peer *peer, void *bytes, size_t size)
{
    return peer->tls != NULL ? SSL_read(peer->tls, bytes, (int)size)
                             : recv(peer->fd, bytes, size, 0);
}

static bool receive_all(struct websocket_peer *peer, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = receive(peer, (char *)bytes + done, size - done);
        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

bool websocket_peer_send(struct websocket_peer *peer, const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        const char *from = (const char *)bytes + done;
        size_t left = length - done;
        ssize_t sent = peer->tls != NULL ? SSL_write(peer->tls, from, (int)left)
                                         : send(peer->fd, from, left, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        done += (size_t)sent;
    }
    return true;
}

bool websocket_peer_drip(struct websocket_peer *peer, const void *bytes, size_t length)
{
    bool done = true;
    for (size_t i = 0; i < length && done; i++) {
        done = websocket_peer_send(peer, (const char *)bytes + i, 1);
    }
    return done;
}

static void fail_play(struct websocket_peer *peer, const char *what)
{
    if (peer->failure[0] == '\0') {
        (void)snprintf(peer->failure, sizeof peer->failure, "%s", what);
    }
}

/* The Sec-WebSocket-Accept for the request's key. */
static void make_accept(const char *request, char accept[29])
{
    static const char field[] = "\r\nSec-WebSocket-Key: ";
    const char *key = strstr(request, field);
    char text[100] = "";
    unsigned char digest[20];
    if (key != NULL) {
        key += strlen(field);
        (void)snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                       (int)strcspn(key, "\r"), key);
    }
    (void)EVP_Digest(text, strlen(text), digest, NULL, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
}

bool websocket_peer_shake(struct websocket_peer *peer, const char *answer)
{
    static const char proper[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                 "Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
    static const char mark[] = "{accept}";
    size_t length = 0;
    while (strstr(peer->request, "\r\n\r\n") == NULL) {
        if (length == sizeof peer->request - 1 || receive(peer, peer->request + length, 1) != 1) {
            return false;
        }
        length++;
    }
    answer = answer != NULL ? answer : proper;
    const char *at = strstr(answer, mark);
    if (at == NULL) {
        return websocket_peer_send(peer, answer, strlen(answer));
    }
    char accept[29];
    make_accept(peer->request, accept);
    return websocket_peer_send(peer, answer, (size_t)(at - answer)) &&
           websocket_peer_send(peer, accept, strlen(accept)) &&
           websocket_peer_send(peer, at + strlen(mark), strlen(at + strlen(mark)));
}

const char *websocket_peer_request(const struct websocket_peer *peer)
{
    return peer->request;
}

bool websocket_peer_frame(struct websocket_peer *peer, int first, const void *payload,
                          size_t length)
{
    unsigned char header[10] = {(unsigned char)first};
    size_t size = length < 126 ? 2 : length <= UINT16_MAX ? 4 : 10;
    header[1] = (unsigned char)(size == 2 ? length : size == 4 ? 126 : 127);
    for (size_t i = 2; i < size; i++) {
        header[i] = (unsigned char)(length >> 8 * (size - 1 - i));
    }
    return websocket_peer_send(peer, header, size) && websocket_peer_send(peer, payload, length);
}

bool websocket_peer_text(struct websocket_peer *peer, const char *text)
{
    return websocket_peer_frame(peer, FRAME_TEXT, text, strlen(text));
}

bool websocket_peer_read(struct websocket_peer *peer, int *first, char *payload, size_t size,
                         size_t *length)
{
    unsigned char header[2];
    unsigned char longer[8];
    unsigned char mask[4];
    if (!receive_all(peer, header, sizeof header)) {
        return false;
    }
    size_t more = (header[1] & 0x7F) == 126 ? 2 : (header[1] & 0x7F) == 127 ? 8 : 0;
    if ((header[1] & 0x80) == 0) {
        fail_play(peer, "a frame of the client is not masked");
        return false;
    }
    if (!receive_all(peer, longer, more) || !receive_all(peer, mask, sizeof mask)) {
        return false;
    }
    *first = header[0];
    *length = more == 0 ? header[1] & 0x7F : 0;
    for (size_t i = 0; i < more; i++) {
        *length = *length << 8 | longer[i];
    }
    if (*length >= size) {
        fail_play(peer, "a frame of the client is too long");
        return false;
    }
    if (!receive_all(peer, payload, *length)) {
        return false;
    }
    for (size_t i = 0; i < *length; i++) {
        payload[i] = (char)(payload[i] ^ mask[i % 4]);
    }
    payload[*length] = '\0';
    return true;
}

bool websocket_peer_expect(struct websocket_peer *peer, int first, const char *payload,
                           size_t length)
{
    char got[512];
    int got_first = 0;
    size_t got_length = 0;
    bool read = websocket_peer_read(peer, &got_first, got, sizeof got, &got_length);
    if (!read || got_first != first || got_length != length || memcmp(got, payload, length) != 0) {
        char what[300];
        (void)snprintf(what, sizeof what, "wanted the frame %02X \"%.80s\", got %02X \"%.80s\"",
                       (unsigned)first, payload, (unsigned)got_first, read ? got : "nothing");
        fail_play(peer, what);
        return false;
    }
    return true;
}

void websocket_peer_wait_end(struct websocket_peer *peer)
{
    char bytes[4096];
    while (receive(peer, bytes, sizeof bytes) > 0) {
    }
}

void websocket_peer_reset(struct websocket_peer *peer)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void play_connection(struct websocket_server *server, int fd)
{
    struct websocket_peer *peer = calloc(1, sizeof *peer);
    peer->fd = fd;
    if (server->certificate != NULL) {
        peer->tls = tls_certificate_accept(server->certificate, fd);
    }
    if (server->certificate == NULL || peer->tls != NULL) {
        server->play(peer, server->context);
    }
    if (peer->tls != NULL) {
        (void)SSL_shutdown(peer->tls);
        SSL_free(peer->tls);
    }
    (void)pthread_mutex_lock(&server->lock);
    if (server->failure[0] == '\0') {
        memcpy(server->failure, peer->failure, sizeof server->failure);
    }
    server->fd = -1;
    (void)pthread_mutex_unlock(&server->lock);
    (void)close(fd);
    free(peer);
}

/* False: the server is ending. */
static bool begin_connection(struct websocket_server *server, int fd)
{
    (void)pthread_mutex_lock(&server->lock);
    bool begins = !server->ending;
    server->fd = begins ? fd : -1;
    (void)pthread_mutex_unlock(&server->lock);
    return begins;
}

static void *run(void *context)
{
    struct websocket_server *server = context;
    for (;;) {
        const int on = 1;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            return NULL;
        }
        if (!begin_connection(server, fd)) {
            (void)close(fd);
            return NULL;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        play_connection(server, fd);
    }
}

struct websocket_server *websocket_server_create(websocket_play play, void *context, bool tls)
{
    struct websocket_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    server->play = play;
    server->context = context;
    server->fd = -1;
    server->certificate = tls ? tls_certificate_create("127.0.0.1") : NULL;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&where, size), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&where, &size), 0);
    (void)snprintf(server->url, sizeof server->url, "ws%s://127.0.0.1:%u", tls ? "s" : "",
                   (unsigned)ntohs(where.sin_port));
    assert_int_equal(pthread_mutex_init(&server->lock, NULL), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
    return server;
}

void websocket_server_destroy(struct websocket_server *server)
{
    if (server == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&server->lock);
    server->ending = true;
    (void)shutdown(server->listener, SHUT_RDWR);
    if (server->fd >= 0) {
        (void)shutdown(server->fd, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&server->lock);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    (void)close(server->listener);
    (void)pthread_mutex_destroy(&server->lock);
    tls_certificate_destroy(server->certificate);
    char failure[sizeof server->failure];
    memcpy(failure, server->failure, sizeof failure);
    free(server);
    if (failure[0] != '\0') {
        fail_msg("the server: %s", failure);
    }
}

const char *websocket_server_url(const struct websocket_server *server)
{
    return server->url;
}

const char *websocket_server_ca_file(const struct websocket_server *server)
{
    return server->certificate != NULL ? tls_certificate_file(server->certificate) : NULL;
}
