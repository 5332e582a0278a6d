/** Memory, and what the C library allocates for its caller. A sanitizer has allocators of its own.
 */
#include "inject.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRAP(type, name, parameters, arguments)                                                    \
    INJECT_WRAP(INJECT_MEMORY, type, NULL, name, parameters, arguments)

/* Looking these up would need memory; glibc has second names for them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

#define WRAP_BASIC(name, parameters, arguments)                                                    \
    __attribute__((visibility("default"))) void *wrapped_##name parameters __asm__(#name);         \
    void *wrapped_##name parameters                                                                \
    {                                                                                              \
        return inject_fails(INJECT_MEMORY, #name, __builtin_return_address(0))                     \
                   ? NULL                                                                          \
                   : __libc_##name arguments;                                                      \
    }

WRAP_BASIC(malloc, (size_t size), (size))
WRAP_BASIC(calloc, (size_t n, size_t size), (n, size))
WRAP_BASIC(realloc, (void *old, size_t size), (old, size))
WRAP(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(char *, strndup, (const char *text, size_t n), (text, n))
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size))

INJECT_WRAP(INJECT_MEMORY, int, -1, vasprintf, (char **text, const char *format, va_list arguments),
            (text, format, arguments))
INJECT_WRAP(INJECT_MEMORY, int, -1, __vasprintf_chk,
            (char **text, int flag, const char *format, va_list arguments),
            (text, flag, format, arguments))

/* Both names, with and without the checks of -D_FORTIFY_SOURCE. */
__attribute__((format(printf, 2, 0))) static int
print(char **text, const char *format, va_list arguments, const char *name, const void *caller)
{
    return inject_fails(INJECT_MEMORY, name, caller) ? -1 : vasprintf(text, format, arguments);
}

__attribute__((visibility("default"), format(printf, 2, 3))) int
wrapped_asprintf(char **text, const char *format, ...) __asm__("asprintf");
int wrapped_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = print(text, format, arguments, "asprintf", __builtin_return_address(0));
    va_end(arguments);
    return length;
}

__attribute__((visibility("default"), format(printf, 3, 4))) int
wrapped_asprintf_chk(char **text, int flag, const char *format, ...) __asm__("__asprintf_chk");
int wrapped_asprintf_chk(char **text, int flag, const char *format, ...)
{
    (void)flag;
    va_list arguments;
    va_start(arguments, format);
    int length = print(text, format, arguments, "asprintf", __builtin_return_address(0));
    va_end(arguments);
    return length;
}
