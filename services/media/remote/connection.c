/* SPDX-License-Identifier: MIT */
#include "services/media/remote/connection.h"

#include "lib/base/text.h"

#include <strings.h>

static int break_off(void *closure, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const atomic_bool *is_stopping = closure;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(is_stopping);
}

static size_t take_body(char *data, size_t one, size_t size, void *closure)
{
    struct buffer *body = closure;
    (void)one;
    buffer_add(body, data, size);
    return body->overflowed ? 0 : size;
}

CURL *connection_new(const struct connection_options *options)
{
    CURL *curl = curl_easy_init();
    if (!curl || curl_easy_setopt(curl, CURLOPT_URL, options->url) != CURLE_OK)
        abort();
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* we have threads */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L); /* the key is for this server only */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)options->timeout_ms / 2);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, options->headers);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, break_off);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, options->is_stopping);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    return curl;
}

/* Some servers send no better type than application/octet-stream, OpenAI's description among them.
 */
static bool is_audio_type(const char *type)
{
    static const char *const prefixes[] = {"audio/", "application/octet-stream"};
    for (size_t i = 0; type && i < ARRAY_LEN(prefixes); i++) {
        if (strncasecmp(type, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return false;
}

/* The signatures of what servers send: ID3 tags, Ogg, WAV, FLAC, MP4, and MPEG's own frames.
 * Whether it is whole shows when it is decoded; here it shows whether the server does its work. */
static bool is_audio_file(const struct buffer *file)
{
    static const struct {
        size_t at;
        const char *bytes;
    } signatures[] = {{0, "ID3"}, {0, "OggS"}, {0, "RIFF"}, {0, "fLaC"}, {4, "ftyp"}};
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        size_t size = strlen(signatures[i].bytes);
        if (file->size >= signatures[i].at + size &&
            memcmp(file->data + signatures[i].at, signatures[i].bytes, size) == 0)
            return true;
    }
    return file->size >= 2 && (file->data[0] & 0xFF) == 0xFF && (file->data[1] & 0xE0) == 0xE0;
}

/* Too long, unreadable, or against the server's rules for texts. */
static bool is_text_refusal(long http)
{
    return http == 400 || http == 413 || http == 422;
}

static const char *problem_of(CURL *curl, CURLcode code, long http, const struct buffer *out)
{
    if (code != CURLE_OK)
        return out->overflowed ? "the reply is too long" : curl_easy_strerror(code);
    if (http != 200)
        return "refused";
    const char *type = NULL;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    return is_audio_type(type) && is_audio_file(out) ? NULL : "the reply is no audio";
}

struct connection_result connection_post(CURL *curl, struct slice body, unsigned limit_ms,
                                         struct buffer *out)
{
    buffer_clear(out);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)limit_ms);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);

    struct connection_result result = {.verdict = CONNECTION_AUDIO};
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result.http);
    result.reason = problem_of(curl, code, result.http, out);
    if (result.reason)
        result.verdict = code == CURLE_OK && is_text_refusal(result.http) ? CONNECTION_TEXT_REFUSED
                                                                          : CONNECTION_FAILED;
    return result;
}
