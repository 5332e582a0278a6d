#include "summary-edit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>

#include "config-text.h"
#include "store/datasets.h"
#include "store/file.h"

/** What an edit does. */
enum {
    NUMBER, /**< one number of a dataset */
    COLUMN, /**< all of them */
    BYTE,   /**< of a text in a dataset */
    WORD,   /**< a whole text */
    CONFIG,
    ATTRIBUTE,
    DROP,
    DROP_ATTRIBUTE,
    RESHAPE,
    KINDS
};

enum { LONGEST = 1 << 16, CONFIG_ROOM = 1 << 14 };

static const char *const words[] = {"",
                                    "A_d",
                                    "A_r",
                                    "dynamics_mse",
                                    "reward_mse",
                                    "anchors",
                                    "policy",
                                    "train.epochs",
                                    "policy=uniform",
                                    "policy=sinusoid",
                                    "train.epochs=3",
                                    "seeds",
                                    "imagrid summary",
                                    "scaling",
                                    "calibration",
                                    "%s%n",
                                    "dynamics_mse_mean",
                                    "a_name_longer_than_all_that_the_program_has_of_its_own"};

static const char *word_of(const edit *e)
{
    return words[e->value % (sizeof words / sizeof *words)];
}

/** Numbers in a dataset, 0 where it is too long to be edited. */
static size_t length_of(hid_t dataset)
{
    hid_t space = H5Dget_space(dataset);
    hssize_t n = space < 0 ? 0 : H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    return n > 0 && n <= LONGEST ? (size_t)n : 0;
}

static void edit_numbers(hid_t dataset, const edit *e)
{
    size_t n = length_of(dataset);
    double *numbers = calloc(n + 1, sizeof *numbers);
    if (n > 0 && numbers &&
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0) {
        for (size_t i = 0; i < n; i++) {
            if (e->kind % KINDS == COLUMN || i == e->place % n) {
                numbers[i] = edits_number(e->value);
            }
        }
        H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    }
    free(numbers);
}

/** Texts of the same width, one a row. */
static void edit_texts(hid_t dataset, const edit *e)
{
    size_t n = length_of(dataset);
    hsize_t shape[2] = {0, 0};
    hid_t space = H5Dget_space(dataset);
    int rank = space < 0 ? 0 : H5Sget_simple_extent_ndims(space);
    char *texts = calloc(n + 1, 1);
    if (n > 0 && rank == 2 && texts && H5Sget_simple_extent_dims(space, shape, NULL) == 2 &&
        H5Dread(dataset, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0) {
        if (e->kind % KINDS == BYTE) {
            texts[e->place % n] = (char)e->value;
        } else {
            size_t width = (size_t)shape[1], row = e->place % (size_t)shape[0];
            const char *word = word_of(e);
            memset(texts + row * width, 0, width);
            memcpy(texts + row * width, word, strnlen(word, width));
        }
        H5Dwrite(dataset, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
    }
    free(texts);
    H5Sclose(space);
}

static bool is_text(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    bool text = type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
    H5Tclose(type);
    return text;
}

/** Put another text in place of an attribute. */
static void set_attribute(hid_t file, const char *name, const char *text)
{
    ig_error ignored = {0};
    if (H5Aexists(file, name) > 0) {
        H5Adelete(file, name);
    }
    ig_h5_set_text(file, name, text, &ignored);
}

static void edit_config(hid_t file, const edit *e)
{
    ig_error ignored = {0};
    char *text = NULL, *room = calloc(CONFIG_ROOM + 1, 1);
    if (room && ig_h5_get_text(file, "config", &text, &ignored) == IG_OK &&
        strlen(text) < CONFIG_ROOM) {
        memcpy(room, text, strlen(text));
        size_t size =
            config_text_edit(room, strlen(text), CONFIG_ROOM, (uint64_t)e->which << 32 | e->place);
        room[size] = '\0';
        set_attribute(file, "config", room);
    }
    free(text);
    free(room);
}

/** Another dataset under the name of one: other type, rank or lengths, one number everywhere. */
static void reshape(hid_t file, const char *name, const edit *e)
{
    const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT, H5T_NATIVE_INT,
                           H5T_NATIVE_SCHAR,  H5T_C_S1,         H5T_STD_U64BE};
    const hsize_t shape[2] = {e->place % 64, e->place / 64 % 64};
    hid_t type = types[e->value % 6], space = -1, dataset = -1;
    int rank = e->value / 6 % 4;
    space = rank == 3   ? H5Screate(H5S_NULL)
            : rank == 0 ? H5Screate(H5S_SCALAR)
                        : H5Screate_simple(rank, shape, NULL);
    if (H5Ldelete(file, name, H5P_DEFAULT) >= 0 && space >= 0) {
        dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    }
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
}

/** Edits of the dataset that the edit chooses. */
static void edit_dataset(hid_t file, const edit *e)
{
    H5G_info_t info;
    char name[256] = "";
    if (H5Gget_info(file, &info) < 0 || info.nlinks == 0 ||
        H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, e->which % info.nlinks, name,
                           sizeof name, H5P_DEFAULT) < 0) {
        return;
    }
    if (e->kind % KINDS == DROP) {
        H5Ldelete(file, name, H5P_DEFAULT);
        return;
    }
    if (e->kind % KINDS == RESHAPE) {
        reshape(file, name, e);
        return;
    }
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset >= 0) {
        (is_text(dataset) ? edit_texts : edit_numbers)(dataset, e);
        H5Dclose(dataset);
    }
}

static void edit_one(hid_t file, const edit *e)
{
    static const char *const attributes[] = {"kind", "experiment", "config", "plugin",
                                             "config_hash"};
    const char *attribute = attributes[e->which % 5];
    switch (e->kind % KINDS) {
    case CONFIG:
        edit_config(file, e);
        break;
    case ATTRIBUTE:
        set_attribute(file, attribute, word_of(e));
        break;
    case DROP_ATTRIBUTE:
        H5Adelete(file, attribute);
        break;
    default:
        edit_dataset(file, e);
        break;
    }
}

static bool lengthen(int fd, size_t bytes)
{
    const off_t end = lseek(fd, 0, SEEK_END);
    return end >= 0 && ftruncate(fd, end + (off_t)bytes) == 0;
}

bool summary_edit(const char *path, const uint8_t *data, size_t size)
{
    ig_error error = {0};
    ig_h5_report muted = ig_h5_mute();
    hid_t access = ig_h5_access(), file = H5Fopen(path, H5F_ACC_RDWR, access);
    bool closed = false;
    if (file >= 0) {
        for (size_t i = 0; i < edits_count(data, size); i++) {
            edit e = edits_at(data, i);
            edit_one(file, &e);
        }
        closed = H5Fclose(file) >= 0;
    }
    H5Pclose(access);
    ig_h5_restore(muted);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    /* Behind the end, where summaries of earlier versions have it. */
    bool appended = fd >= 0 && lengthen(fd, ig_footer_words_fixed() * sizeof(uint64_t)) &&
                    ig_footer_write_fixed(fd, &error) == IG_OK;
    if (fd >= 0) {
        close(fd);
    }
    return closed && appended;
}
