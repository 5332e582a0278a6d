/** How libFuzzer makes a configuration from another: half of the time by bytes, half by lines. */
#include "config-text.h"
#include "mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    if (seed % 2) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    return config_text_edit((char *)data, size, max_size, seed / 2);
}
