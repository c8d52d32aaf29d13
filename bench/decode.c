/* SPDX-License-Identifier: MIT */
/* How many recorded messages a second one core turns from the socket's frames into events. The
 * recordings are put into frames as TikTok sends them (20 messages, gzip), all before the clock
 * starts, which counts this program's own time only.
 * usage: bench-decode <folder of <Method>/NNN.pb> <seconds> traffic|even
 * traffic: methods as often as in a live; even: all recordings alike. Prints messages a second, and
 * the mean bytes of a message, inflated. */
#include "gen/webcast.pb-c.h"
#include "lib/base/text.h"
#include "services/events/webcast/stream.h"

#include <dirent.h>
#include <time.h>
#include <zlib.h>

#define FILES_MAX 200 /* of a method */
#define FILE_MAX_BYTES ((size_t)1 << 20)
#define FRAMES 300 /* more messages than a stream remembers, so that none is a repetition */
#define FRAME_MESSAGES 20
#define FRAME_BYTES_MAX ((size_t)4 << 20)

/* Per cent of the messages of three captures of 10 minutes, of those methods that we read. */
static const struct {
    const char *method;
    int share;
} traffic[] = {
    {"WebcastMemberMessage", 36},      {"WebcastLikeMessage", 23},  {"WebcastChatMessage", 22},
    {"WebcastRoomUserSeqMessage", 15}, {"WebcastSocialMessage", 3}, {"WebcastGiftMessage", 1},
};

struct method {
    char name[64];
    struct buffer files[FILES_MAX];
    size_t count;
    size_t next;
};

static struct method methods[64];
static size_t method_count;
static struct buffer frames[FRAMES];

AUTO_DEFINE(DIR *, closedir)
AUTO_DEFINE(FILE *, fclose)

/* ---- recordings ---- */

static void read_file(const char *path, struct method *method)
{
    AUTO(fclose) FILE *file = fopen(path, "rb");
    if (!file || method->count == FILES_MAX)
        return;
    struct buffer *content = &method->files[method->count++];
    buffer_init(content, FILE_MAX_BYTES);
    char part[8192];
    size_t size;
    while ((size = fread(part, 1, sizeof(part), file)) > 0)
        buffer_add(content, part, size);
}

static void read_method(const char *folder, const char *name)
{
    AUTO_BUFFER(path, 4096);
    buffer_printf(&path, "%s/%s", folder, name);
    AUTO(closedir) DIR *dir = opendir(buffer_text(&path));
    if (!dir || name[0] == '.' || method_count == ARRAY_LEN(methods))
        return;
    struct method *method = &methods[method_count];
    (void)snprintf(method->name, sizeof(method->name), "%.60s", name);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/%s/%s", folder, name, entry->d_name);
        if (strstr(entry->d_name, ".pb"))
            read_file(buffer_text(&path), method);
    }
    method_count += method->count > 0;
}

static bool read_recordings(const char *folder)
{
    AUTO(closedir) DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        read_method(folder, entry->d_name);
    return method_count > 0;
}

/* ---- frames ---- */

/* A number below limit, the same in every run. */
static size_t dice(size_t limit)
{
    static uint64_t state = 1;
    if (limit == 0)
        abort();
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % limit;
}

static struct method *pick_in_traffic(void)
{
    int at = (int)dice(100);
    size_t i = 0;
    while (at >= traffic[i].share)
        at -= traffic[i++].share;
    for (size_t m = 0; m < method_count; m++) {
        if (text_equal(methods[m].name, traffic[i].method))
            return &methods[m];
    }
    fprintf(stderr, "no recording of %s\n", traffic[i].method);
    exit(1);
}

/* Methods with many recordings more often, so that all come round together. */
static struct method *pick_evenly(void)
{
    size_t all = 0;
    for (size_t m = 0; m < method_count; m++)
        all += methods[m].count;
    size_t at = dice(all), m = 0;
    while (at >= methods[m].count)
        at -= methods[m++].count;
    return &methods[m];
}

static void compress_into(struct buffer *out, const uint8_t *plain, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)plain, .avail_in = (uInt)size};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    size_t capacity = deflateBound(&stream, size);
    AUTO(free) Bytef *packed = malloc(capacity);
    stream.next_out = packed;
    stream.avail_out = (uInt)capacity;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    buffer_add(out, packed, stream.total_out);
    deflateEnd(&stream);
}

static void pack(struct buffer *out, const ProtobufCMessage *message)
{
    AUTO(free) uint8_t *bytes = malloc(protobuf_c_message_get_packed_size(message));
    if (!bytes)
        abort();
    buffer_add(out, bytes, protobuf_c_message_pack(message, bytes));
}

static void pack_messages(struct buffer *out, bool in_traffic)
{
    static int64_t msg_id = 7000000000000000000;
    Webcast__BaseProtoMessage messages[FRAME_MESSAGES];
    Webcast__BaseProtoMessage *list[FRAME_MESSAGES];
    Webcast__ProtoMessageFetchResult result = WEBCAST__PROTO_MESSAGE_FETCH_RESULT__INIT;
    result.need_ack = true;
    result.internal_ext = (ProtobufCBinaryData){4, (uint8_t *)"ext!"};
    result.messages = list;
    for (; result.n_messages < FRAME_MESSAGES; result.n_messages++) {
        struct method *method = in_traffic ? pick_in_traffic() : pick_evenly();
        const struct buffer *file = &method->files[method->next++ % method->count];
        Webcast__BaseProtoMessage *message = list[result.n_messages] = &messages[result.n_messages];
        webcast__base_proto_message__init(message);
        message->method = method->name;
        message->payload = (ProtobufCBinaryData){file->size, (uint8_t *)file->data};
        message->msg_id = ++msg_id;
    }
    pack(out, &result.base);
}

/* Returns the payload's size before it was compressed. */
static size_t make_frame(struct buffer *out, bool in_traffic)
{
    AUTO_BUFFER(plain, FRAME_BYTES_MAX);
    AUTO_BUFFER(packed, FRAME_BYTES_MAX);
    pack_messages(&plain, in_traffic);
    compress_into(&packed, (const uint8_t *)plain.data, plain.size);

    Webcast__PushHeader header = WEBCAST__PUSH_HEADER__INIT;
    header.key = (char *)"compress_type";
    header.value = (char *)"gzip";
    Webcast__PushHeader *headers[] = {&header};
    Webcast__WebcastPushFrame push = WEBCAST__WEBCAST_PUSH_FRAME__INIT;
    push.headers = headers;
    push.n_headers = 1;
    push.log_id = 1;
    push.payload_type = (char *)"msg";
    push.payload = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    buffer_init(out, FRAME_BYTES_MAX);
    pack(out, &push.base);
    return plain.size;
}

/* ---- the run ---- */

static void count_event(void *closure, const struct live_event *event)
{
    (void)event;
    ++*(int64_t *)closure;
}

/* Of this thread: what else runs on the machine doesn't count. */
static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Messages a second. */
static double measure(int64_t seconds)
{
    static struct stream stream;
    static struct counters counters;
    struct stream_memory memory;
    int64_t events = 0, messages = 0;
    stream_memory_init(&memory);
    stream_init(&stream, "bench", &counters, count_event, &events);
    AUTO_BUFFER(ack, 64 * 1024);
    int64_t began_ns = cpu_ns(), passed_ns = 0;
    while (passed_ns < seconds * 1000000000) {
        for (size_t i = 0; i < FRAMES; i++, messages += FRAME_MESSAGES) {
            buffer_clear(&ack);
            if (!stream_read(&stream, buffer_slice(&frames[i]), 0, &memory, &ack) || ack.size == 0)
                abort();
        }
        passed_ns = cpu_ns() - began_ns;
    }
    if (events < messages * 9 / 10)
        abort(); /* decoding must have made events of nearly all */
    stream_memory_done(&memory);
    return (double)messages * 1e9 / (double)passed_ns;
}

int main(int argc, char **argv)
{
    int64_t seconds;
    if (argc != 4 || !text_parse_int(argv[2], 1, 600, &seconds)) {
        fprintf(stderr, "usage: bench-decode <folder> <seconds> traffic|even\n");
        return 2;
    }
    if (!read_recordings(argv[1])) {
        fprintf(stderr, "no recordings in %s\n", argv[1]);
        return 1;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < FRAMES; i++)
        bytes += make_frame(&frames[i], text_equal(argv[3], "traffic"));
    printf("%.0f %zu\n", measure(seconds), bytes / (FRAMES * FRAME_MESSAGES));
    return 0;
}
