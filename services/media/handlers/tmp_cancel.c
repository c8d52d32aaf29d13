#include "gen/media/api.h"
enum status handle_cancel_speech(struct call *call, const struct cancel_speech_request *in, struct media_reply *out)
{ (void)call;(void)in; out->status="ok"; return STATUS_OK; }
