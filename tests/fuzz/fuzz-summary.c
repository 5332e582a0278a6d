/** The planner's reader of summaries: a summary with any byte changed, or with any bytes in place
 * of its own, is refused. An input is the place of four bytes and what stands there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/measured.h"
#include "scratch.h"
#include "target.h"

static uint8_t *base, *bytes;
static size_t base_size;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    base = scratch_load("IMAGRID_FUZZ_SUMMARY", &base_size);
    bytes = malloc(base_size);
    /* Unchanged it must be read: the edits would show nothing otherwise. */
    ig_measured measured = {0};
    ig_error error = {0};
    scratch_fill(base, base_size);
    if (ig_measured_read_summary(ig_experiments(), scratch_name(), NULL, &measured, &error) !=
        IG_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    ig_measured_clear(&measured);
    return !bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t place;
    ig_measured measured = {0};
    ig_error error = {0};
    if (size <= sizeof place) {
        return 0;
    }
    memcpy(&place, data, sizeof place);
    size_t at = place % base_size, n = size - sizeof place;
    n = n < base_size - at ? n : base_size - at;
    memcpy(bytes, base, base_size);
    memcpy(bytes + at, data + sizeof place, n);
    scratch_fill(bytes, base_size);
    ig_status status =
        ig_measured_read_summary(ig_experiments(), scratch_name(), NULL, &measured, &error);
    if (!status && memcmp(bytes, base, base_size) != 0) {
        abort();
    }
    ig_measured_clear(&measured);
    return 0;
}
