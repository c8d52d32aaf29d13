/* SPDX-License-Identifier: MIT */
#include "services/events/domain/gift_names.h"

#include "lib/base/macros.h"

#include <stdlib.h>
#include <string.h>

struct gift_name {
    const char *english;
    const char *russian;
};

static const struct gift_name names[] = {
#define GIFT_NAME(english, russian) {english, russian},
#include "services/events/domain/gift_names.def"
#undef GIFT_NAME
};

static int compare(const void *key, const void *entry)
{
    return strcmp(key, ((const struct gift_name *)entry)->english);
}

const char *gift_names_russian(const char *name)
{
    const struct gift_name *found =
        bsearch(name, names, ARRAY_LEN(names), sizeof(names[0]), compare);
    return found ? found->russian : NULL;
}
