#include "base/machine.h"

#include <math.h>
#include <unistd.h>

double ig_machine_memory(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (double)pages * (double)size : (double)INFINITY;
}
