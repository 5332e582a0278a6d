/** The program as a process: its standard streams, its version, the machine under it. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/** First thing in main: open standard descriptors that are closed, or the next file that is opened
 *  would get one of them, and our messages with it. */
void ig_stdio_open(void);
/** Last thing: flush standard output; `code`, or 4 with a message where that failed. */
int ig_stdio_finish(const char *program, int code);

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
