/** Files that people get: in place when they are whole, write errors never lost, links never
 *  followed. Folders are held open: what has the name may change, the folder does not. */
#ifndef OUTPUT_FILES_H
#define OUTPUT_FILES_H

#include <stdio.h>

#include "base/text.h"
#include "imagrid/error.h"

typedef struct ig_folder {
    int fd;
    const char *path; /**< for messages, borrowed; NULL: none that anybody should look at */
} ig_folder;

/** Make a folder and those above it, unless they are there, and open it. */
ig_status ig_folder_open(const char *path, ig_folder *folder, ig_error *error);
/** Close it, unless fd < 0. */
void ig_folder_close(ig_folder *folder);

/** A folder for our own files, gone when it is closed. Start with IG_SCRATCH. */
typedef struct ig_scratch {
    ig_folder folder;
    char *path; /**< owned */
} ig_scratch;
#define IG_SCRATCH ((ig_scratch){.folder = {.fd = -1}})

/** Make a folder under TMPDIR, or /tmp where that cannot be used (with a warning), that nobody else
 *  can enter: gnuplot runs whatever its script says, and in the folder where the pictures go others
 *  may change files. */
ig_status ig_scratch_open(ig_scratch *scratch, ig_error *error);
/** Remove it with the files in it. */
void ig_scratch_close(ig_scratch *scratch);

/** Begin NAME in a folder, as NAME.partial. A file or link that has the name stays until
 *  ig_text_close replaces it; what a link leads to is never touched. */
ig_status ig_text_open(const ig_folder *folder, const char *name, FILE **file, ig_error *error);

/** End what ig_text_open began, NULL being fine: it gets its name if `so_far` is IG_OK and every
 *  write succeeded, and is removed otherwise. Returns `so_far` unless that is IG_OK. */
ig_status ig_text_close(FILE **file, const ig_folder *folder, const char *name, ig_status so_far,
                        ig_error *error);

/** Write what `put` writes to `path`, which must not exist or be a file of ours, whose first bytes
 *  are `mark`: results of hours of computing must not vanish under a mistyped name. Messages name
 *  the path, and `kind`, such as "a report". */
ig_status ig_document_write(const char *path, const char *mark, const char *kind,
                            ig_status (*put)(const void *what, FILE *file, ig_error *error),
                            const void *what, ig_error *error);

/** Copy a file from one folder to another. */
ig_status ig_file_copy(const ig_folder *from, const char *name, const ig_folder *to,
                       ig_error *error);
/** All bytes of a file of a folder, malloc'd and zero-terminated. */
ig_status ig_file_bytes(const ig_folder *folder, const char *name, char **bytes, size_t *size,
                        ig_error *error);

/** The shortest decimal number that reads back to the same double; "nan", "inf", "-inf". */
const char *ig_number_text(double number, char text[IG_NUMBER_TEXT]);

#endif
