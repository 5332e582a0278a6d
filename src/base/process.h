/** The program as a process: its standard streams, its version, the machine under it. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/** First thing in main: open standard descriptors that are closed, or the next file that is opened
 *  would get one of them, and our messages with it. */
void ig_stdio_open(void);
/** Last thing: flush standard output; `code`, or, where that is 0 or 3 and standard output could
 * not be written, 4 with a message. */
int ig_stdio_finish(const char *program, int code);

enum { IG_ERRNO_TEXT = 128 };
/** What strerror says; where a limit of the process is behind it, with that: "File too large: files
 * are limited to 16384 bytes (ulimit -f)". Returns `text`. */
const char *ig_errno_text(int errnum, char text[IG_ERRNO_TEXT]);

/** Stop on a fault of the program itself, such as a key or column name that is not in its table:
 *  print "imagrid: bug: ..." to stderr and abort. Never for anything a user can cause. */
_Noreturn void ig_bug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Bytes of physical memory, which the ranks of a machine share; INFINITY where unknown. */
double ig_physical_memory(void);

/** "imagrid 0.1.0 (REVISION)". */
const char *ig_version_text(void);

/** How this imagrid was built; all literals. */
typedef struct ig_build {
    const char *version, *revision, *compiler, *flags;
} ig_build;
ig_build ig_build_info(void);

#endif
