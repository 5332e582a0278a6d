#include "base/try.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void *checked(void *block, size_t n, size_t size, ig_error *error)
{
    if (!block) {
        ig_error_set(error, IG_ERR_MEMORY, "out of memory (%.0f bytes)", (double)n * (double)size);
    }
    return block;
}

void *ig_alloc(size_t n, size_t size, ig_error *error)
{
    return checked(calloc(n ? n : 1, size), n, size, error);
}

void *ig_realloc(void *old, size_t n, size_t size, ig_error *error)
{
    return checked(reallocarray(old, n ? n : 1, size), n, size, error);
}

char *ig_strdup(const char *text, ig_error *error)
{
    return checked(strdup(text), strlen(text) + 1, 1, error);
}

char *ig_asprintf(ig_error *error, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int n = vasprintf(&text, format, arguments);
    va_end(arguments);
    return checked(n < 0 ? NULL : text, strlen(format), 1, error);
}
