/* SPDX-License-Identifier: MIT */
#include "services/events/webcast/http_client.h"

#include "lib/base/text.h"
#include "services/events/webcast/browser.h"

#include <curl/curl.h>

struct http_client {
    CURL *curl;
    const atomic_bool *stopping;
    const char *user_agent;
};

AUTO_DEFINE(struct curl_slist *, curl_slist_free_all)

static int give_up(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct http_client *client = data;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(client->stopping);
}

static size_t take_body(char *data, size_t one, size_t size, void *closure)
{
    struct buffer *body = closure;
    (void)one;
    buffer_add(body, data, size);
    return body->overflowed ? 0 : size;
}

struct http_client *http_client_new(const atomic_bool *stopping, const char *ca_file)
{
    struct http_client *client = calloc(1, sizeof(*client));
    if (!client)
        abort();
    client->stopping = stopping;
    client->user_agent = BROWSER_USER_AGENT;
    client->curl = curl_easy_init();
    if (!client->curl)
        abort();
    CURL *curl = client->curl;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HTTP_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_TIMEOUT_MS / 2);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    if (ca_file[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file); /* the system's folder stays */
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, give_up);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    return client;
}

void http_client_set_user_agent(struct http_client *client, const char *user_agent)
{
    client->user_agent = user_agent;
}

const char *http_client_user_agent(const struct http_client *client)
{
    return client->user_agent;
}

static void copy_headers(CURL *curl, struct arena *arena, struct http_reply *reply)
{
    struct curl_header *header = NULL;
    while (reply->header_count < HTTP_HEADERS_MAX &&
           (header = curl_easy_nextheader(curl, CURLH_HEADER, -1, header)) != NULL) {
        reply->headers[reply->header_count++] = (struct http_header){
            .name = arena_text(arena, header->name),
            .value = arena_text(arena, header->value),
        };
    }
}

static struct curl_slist *header_list(const char *const *headers)
{
    struct curl_slist *list = NULL;
    for (; headers && *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(list, *headers);
        if (!longer)
            abort();
        list = longer;
    }
    return list;
}

void http_get(struct http_client *client, const char *url, const char *const *headers,
              size_t max_bytes, struct arena *arena, struct http_reply *ret_reply)
{
    CURL *curl = client->curl;
    AUTO_BUFFER(body, max_bytes);
    AUTO(curl_slist_free_all) struct curl_slist *list = header_list(headers);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, client->user_agent);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);

    *ret_reply = (struct http_reply){.failure = "", .body = {"", 0}};
    if (code != CURLE_OK) {
        ret_reply->failure = body.overflowed ? "the reply is too long" : curl_easy_strerror(code);
        return;
    }
    ret_reply->failure = NULL;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_reply->status);
    ret_reply->body = (struct slice){arena_text_n(arena, buffer_text(&body), body.size), body.size};
    copy_headers(curl, arena, ret_reply);
}

const char *http_header(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        if (text_equal_fold(reply->headers[i].name, name))
            return reply->headers[i].value;
    }
    return "";
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}
