#include "result-file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"
#include "store/internal.h"

/** Whether bytes are what a text has. */
static bool is_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (iscntrl(bytes[i]) && bytes[i] != '\n' && !(bytes[i] == 0 && i + 1 == size)) {
            return false;
        }
    }
    return size > 0;
}

static uint64_t number_at(const uint8_t *bytes, size_t at)
{
    uint64_t number;
    memcpy(&number, bytes + at, sizeof number);
    return number;
}

/** The texts of one collection of HDF5's global heap: objects of a head of 16 bytes (index,
 *  references, size) and their bytes, padded to 8. References to datasets are no texts. */
static void take_texts(result_file *f, size_t begin)
{
    size_t end = begin + (size_t)number_at(f->base, begin + 8), at = begin + 16;
    end = end < f->full_size ? end : f->full_size;
    while (at + 16 <= end && (f->base[at] || f->base[at + 1]) && f->n_texts < RESULT_TEXTS) {
        size_t size = (size_t)number_at(f->base, at + 8);
        if (size > end - at - 16) {
            return;
        }
        if (is_text(f->base + at + 16, size)) {
            f->texts[f->n_texts++] = (result_text){at + 16, size};
        }
        at += 16 + (size + 7) / 8 * 8;
    }
}

/** Index of the text that the file has under this name, n_texts where it is not found. */
static size_t find_text(const result_file *f, const char *name)
{
    const char *text = ig_store_attribute(f->store, name);
    size_t i = 0;
    while (i < f->n_texts && (f->texts[i].size < strlen(text) ||
                              memcmp(f->base + f->texts[i].offset, text, strlen(text)) != 0)) {
        i++;
    }
    return i;
}

bool result_open(const char *path, result_file *file)
{
    ig_error error = {0};
    result_file f = {.path = strdup(path)};
    if (ig_store_open(ig_experiments(), path, false, &f.store, &error) != IG_OK) {
        fprintf(stderr, "%s\n", error.text);
        free(f.path);
        return false;
    }
    f.base = scratch_load(path, &f.full_size);
    f.bytes = malloc(f.full_size);
    f.mend = calloc(f.store->n_tasks, sizeof *f.mend);
    for (size_t at = 0; at + 16 < f.full_size; at++) {
        if (memcmp(f.base + at, "GCOL\1\0\0\0", 8) == 0) {
            take_texts(&f, at);
        }
    }
    f.config = find_text(&f, "config");
    f.hash = find_text(&f, "config_hash");
    if (!f.path || !f.bytes || !f.mend || f.config == f.n_texts || f.hash == f.n_texts) {
        fprintf(stderr, "%s: its texts are not where they are looked for\n", path);
        return false;
    }
    *file = f;
    return true;
}

void result_restore(result_file *file)
{
    memcpy(file->bytes, file->base, file->full_size);
    memset(file->mend, 0, file->store->n_tasks * sizeof *file->mend);
    file->size = file->full_size;
    file->cut = file->stale = file->anything = false;
}
