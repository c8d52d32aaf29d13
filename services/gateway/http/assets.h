/* SPDX-License-Identifier: MIT */
/* Files that are part of the program; tools/embed-file makes their content. */
#pragma once

#include <stddef.h>

extern const char openapi_json[]; /* made from proto/ */
extern const size_t openapi_json_size;

extern const char docs_html[]; /* draws it */
extern const size_t docs_html_size;
