#include "base/foreign.h"

#include <string.h>

static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

bool ig_is_hdf5(const unsigned char *start, size_t n)
{
    return n >= sizeof signature && memcmp(start, signature, sizeof signature) == 0;
}

/* The signatures of what people mix up with files of ours. HDF5's own has line ends of both kinds
 * so that a transfer that changes them shows. */
static const struct {
    const char *bytes;
    size_t n;
    const char *meaning;
} known[] = {
#define BYTES(text) (text), sizeof(text) - 1
    {BYTES("\x89HDF\n\x1a\n"),
     "an HDF5 file whose line ends were changed by a transfer in text mode: copy it again as "
     "binary"},
    {BYTES("\x89HDF\r\r\n\x1a\r\n"),
     "an HDF5 file whose line ends were changed by a transfer in text mode: copy it again as "
     "binary"},
    {BYTES("\x09HDF"), "an HDF5 file that lost the eighth bit of its bytes: copy it again as "
                       "binary"},
    {BYTES("\xef\xbf\xbdHDF"),
     "an HDF5 file that was read as text and written again: copy it again as binary"},
    {BYTES("\x1f\x8b"), "compressed with gzip: use gunzip first"},
    {BYTES("BZh"), "compressed with bzip2: use bunzip2 first"},
    {BYTES("\xfd"
           "7zXZ"),
     "compressed with xz: use unxz first"},
    {BYTES("\x28\xb5\x2f\xfd"), "compressed with zstd: use unzstd first"},
    {BYTES("PK\x03\x04"), "a zip archive: unpack it first"},
    {BYTES("CDF\x01"), "a netCDF file of the classic format, not of imagrid"},
    {BYTES("CDF\x02"), "a netCDF file of the classic format, not of imagrid"},
    {BYTES("CDF\x05"), "a netCDF file of the classic format, not of imagrid"},
    {BYTES("\x93NUMPY"), "an array of NumPy, not of imagrid"},
    {BYTES("version https://git-lfs"), "a pointer of Git LFS: use git lfs pull first"},
#undef BYTES
};

static bool is_all(const unsigned char *bytes, size_t n, unsigned char value)
{
    size_t i = 0;
    while (i < n && bytes[i] == value) {
        i++;
    }
    return i == n;
}

static bool is_text(const unsigned char *bytes, size_t n)
{
    size_t odd = 0;
    for (size_t i = 0; i < n; i++) {
        odd += bytes[i] < ' ' && !strchr("\t\n\r\f", bytes[i]) ? 1 : 0;
        odd += bytes[i] == 0 ? 1 : 0;
    }
    return odd == 0;
}

/** Whether a line begins with "experiment:", as no configuration does without. */
static bool is_configuration(const unsigned char *bytes, size_t n)
{
    static const char key[] = "experiment:";
    const size_t length = sizeof key - 1;
    for (size_t i = 0; i + length <= n; i++) {
        if ((i == 0 || bytes[i - 1] == '\n' || bytes[i - 1] == 0xbf) &&
            memcmp(bytes + i, key, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *ig_foreign_signature(const unsigned char *start, size_t n)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (n >= known[i].n && memcmp(start, known[i].bytes, known[i].n) == 0) {
            return known[i].meaning;
        }
    }
    return NULL;
}

const char *ig_foreign_describe(const unsigned char *start, size_t n)
{
    if (n == 0) {
        return "empty";
    }
    const char *known_as = ig_foreign_signature(start, n);
    if (known_as) {
        return known_as;
    }
    if (is_all(start, n, 0)) {
        return "not an HDF5 file: it begins with zeros, as after a crash of the storage";
    }
    if (!is_text(start, n)) {
        return "not an HDF5 file";
    }
    if (is_configuration(start, n)) {
        return "a configuration (YAML), not an HDF5 file: `imagrid run CONFIG.yaml -o OUT.h5` "
               "computes a result file from it";
    }
    if (start[0] == '<' || start[0] == '{') {
        return start[0] == '<' ? "a page of HTML or XML, not an HDF5 file"
                               : "a text file, perhaps JSON, not an HDF5 file";
    }
    const unsigned char *line = memchr(start, '\n', n);
    return memchr(start, ',', line ? (size_t)(line - start) : n)
               ? "a text file, perhaps CSV, not an HDF5 file: measurements go to `imagrid plan "
                 "--curve`"
               : "a text file, not an HDF5 file";
}
