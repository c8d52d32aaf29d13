/* SPDX-License-Identifier: MIT */
/* tests/support/speech_server.py for C tests: started as a child, ended with its input. */
#pragma once

#include "lib/base/buffer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

struct speech_server {
    char url[64];
    pid_t pid;
    int input;
};

/* What the server has seen of orders. */
struct speech_server_seen {
    unsigned requests, connections, redirected;
};

static inline struct speech_server speech_server_start(bool tls)
{
    struct speech_server server = {.pid = -1};
    int input[2], output[2];
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    server.pid = fork();
    if (server.pid == 0) {
        static const char program[] = "tests/support/speech_server.py";
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        execl(program, program, tls ? "--tls" : NULL, NULL);
        _exit(127);
    }
    assert_true(server.pid > 0);
    close(input[0]);
    close(output[1]);
    server.input = input[1];
    size_t size = 0;
    while (size < sizeof(server.url) - 1 && read(output[0], server.url + size, 1) == 1 &&
           server.url[size] != '\n')
        size++;
    server.url[size] = '\0';
    close(output[0]);
    assert_true(size > 0);
    return server;
}

static inline void speech_server_stop(const struct speech_server *server)
{
    close(server->input);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
}

static inline size_t speech_server_read(char *data, size_t one, size_t size, void *closure)
{
    buffer_add(closure, data, one * size);
    return size;
}

/* body: NULL asks, else it is posted. */
static inline void speech_server_call(const struct speech_server *server, const char *path,
                                      const char *body, struct buffer *out)
{
    char url[128];
    snprintf(url, sizeof(url), "%s%s", server->url, path);
    CURL *curl = curl_easy_init();
    buffer_clear(out);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, speech_server_read);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
}

static inline void speech_server_set_mode(const struct speech_server *server, const char *mode)
{
    AUTO_BUFFER(reply, 64);
    speech_server_call(server, "/_mode", mode, &reply);
    assert_string_equal(buffer_text(&reply), "ok");
}

static inline struct speech_server_seen speech_server_seen(const struct speech_server *server)
{
    AUTO_BUFFER(reply, 256);
    speech_server_call(server, "/_seen", NULL, &reply);
    struct speech_server_seen seen;
    assert_int_equal(sscanf(buffer_text(&reply), "%u %u %u", &seen.requests, &seen.connections,
                            &seen.redirected),
                     3);
    return seen;
}
