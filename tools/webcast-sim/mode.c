/* SPDX-License-Identifier: MIT */
#include "tools/webcast-sim/mode.h"

#include "lib/base/text.h"

#define MODE_ROW(name, text, help) {text, help},
const struct mode_name sign_mode_names[SIGN_MODE_COUNT] = {SIGN_MODE_TABLE(MODE_ROW)};
const struct mode_name pages_mode_names[PAGES_MODE_COUNT] = {PAGES_MODE_TABLE(MODE_ROW)};
const struct mode_name gifts_mode_names[GIFTS_MODE_COUNT] = {GIFTS_MODE_TABLE(MODE_ROW)};
#undef MODE_ROW

bool mode_parse(const struct mode_name *names, int count, const char *text, int *ret_choice)
{
    for (int choice = 0; choice < count; choice++) {
        if (text_equal(names[choice].name, text)) {
            *ret_choice = choice;
            return true;
        }
    }
    return false;
}

int mode_take(struct mode *own, struct mode *all)
{
    struct mode *mode = own && own->choice ? own : all;
    int choice = mode->choice;
    if (mode->left > 0 && --mode->left == 0)
        mode->choice = 0;
    return choice;
}
