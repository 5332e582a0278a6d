/** The reader of a person's own measurements. */
#include <math.h>
#include <stdlib.h>

#include "plan/measured.h"
#include "scratch.h"
#include "target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ig_measured measured = {0};
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (!diagnostics) {
        return 0;
    }
    scratch_fill(data, size);
    ig_status status = ig_measured_read_csv(scratch_name(), &measured, diagnostics, &error);
    if (status == IG_ERR_CONFIG && ig_diagnostics_count(diagnostics) == 0) {
        abort();
    }
    ig_measured_clear(&measured);
    ig_diagnostics_destroy(&diagnostics);
    return 0;
}
