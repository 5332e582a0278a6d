/** Folders that a report's files go to, held open: what has the name may change, the folder does
 *  not. */
#ifndef IMAGRID_REPORT_FOLDER_H
#define IMAGRID_REPORT_FOLDER_H

#include <stdbool.h>

#include "imagrid/error.h"

typedef struct ig_folder {
    int fd;
    const char *path; /**< for messages, borrowed */
    bool kept;        /**< whether its files can be looked at afterwards, in `path` */
} ig_folder;

/** Make a folder and those above it, unless they are there, and open it. */
ig_status ig_folder_open(const char *path, ig_folder *folder, ig_error *error);
void ig_folder_close(ig_folder *folder);

/** What is done in a folder; it may set path and kept for the messages. */
typedef ig_status ig_folder_work(void *context, ig_folder *folder, ig_error *error);

/** Work in a new folder under TMPDIR or /tmp in which nobody else can write: gnuplot runs whatever
 *  its script says, and in the folder where the pictures go others may change files. It is gone
 *  afterwards. */
ig_status ig_folder_scratch(ig_folder_work *work, void *context, ig_error *error);

#endif
