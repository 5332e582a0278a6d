/** Status codes, their names and exit codes, the message object, and checked allocation. */
#include "imagrid/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"

void ig_error_record(ig_error *error, ig_status status, const char *format, ...)
{
    if (!error) {
        return;
    }
    /* Through a second buffer, since the arguments may point into the old message. */
    char text[IG_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* Names and texts of files are part of it, and it goes to a terminal. */
    ig_text_sanitize(text);
    error->status = status;
    memcpy(error->text, text, sizeof text);
}

/** Append as much of `more` as there is room for. */
static void append(char text[IG_ERROR_TEXT], const char *more)
{
    size_t used = strlen(text), length = strlen(more), room = IG_ERROR_TEXT - 1 - used;
    length = length < room ? length : room;
    memcpy(text + used, more, length);
    text[used + length] = '\0';
}

ig_status ig_error_context(ig_error *error, const char *format, ...)
{
    if (!error) {
        return IG_OK;
    }
    char text[IG_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ig_text_sanitize(text);
    append(text, ": ");
    append(text, error->text);
    memcpy(error->text, text, sizeof text);
    return error->status;
}

const char *ig_status_text(ig_status status)
{
    switch (status) {
    case IG_OK:
        return "ok";
    case IG_ERR_USAGE:
        return "invalid usage";
    case IG_ERR_CONFIG:
        return "invalid configuration";
    case IG_ERR_MEMORY:
        return "out of memory";
    case IG_ERR_IO:
        return "input or output error";
    case IG_ERR_SPACE:
        return "no space left";
    case IG_ERR_FORMAT:
        return "damaged or foreign file";
    case IG_ERR_LOCKED:
        return "locked";
    case IG_ERR_MISMATCH:
        return "configuration mismatch";
    case IG_ERR_NUMERIC:
        return "not finite";
    case IG_ERR_STOPPED:
        return "stopped";
    case IG_ERR_MPI:
        return "mpi error";
    case IG_ERR_TIME:
        return "too little time";
    }
    return "unknown status";
}

int ig_status_exit_code(ig_status status)
{
    switch (status) {
    case IG_OK:
        return 0;
    case IG_ERR_USAGE:
    case IG_ERR_CONFIG:
    case IG_ERR_MISMATCH:
        return 2;
    case IG_ERR_IO:
    case IG_ERR_SPACE:
    case IG_ERR_FORMAT:
    case IG_ERR_LOCKED:
        return 4;
    case IG_ERR_STOPPED:
        return 75;
    case IG_ERR_TIME:
        return 76;
    case IG_ERR_MEMORY:
    case IG_ERR_NUMERIC:
    case IG_ERR_MPI:
        return 1;
    }
    return 1;
}

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
